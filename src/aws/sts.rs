//! STS: who is calling.

use std::time::SystemTime;

use super::{Connection, Error, door};
use crate::secret::Secret;

door!(
    /// The door to STS.
    Sts, sts, aws_sdk_sts, "STS", "STS", "sts"
);

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The 12-digit account.
    pub account: String,
    /// The ARN of the user, role session or root.
    pub arn: String,
}

impl Identity {
    /// ARN of the root of the caller's account, in the caller's partition.
    #[must_use]
    pub fn root_arn(&self) -> String {
        let partition = self.arn.split(':').nth(1).filter(|partition| !partition.is_empty()).unwrap_or("aws");
        format!("arn:{partition}:iam::{}:root", self.account)
    }
}

/// The session of a role.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// Id of its access key.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: Secret,
    /// Its token.
    pub session_token: Secret,
    /// When it ends; `None` when STS does not say.
    pub ends: Option<SystemTime>,
}

impl Sts {
    /// Takes on the role `role_arn` (AssumeRole).
    ///
    /// # Errors
    /// Whatever STS reports; a refusal names who was refused.
    pub(super) async fn assume_role(&self, role_arn: &str, session_name: &str) -> Result<Session, Error> {
        let client = self.client().await?;
        let send = client.assume_role().role_arn(role_arn).role_session_name(session_name).send();
        let output = self.call("AssumeRole", send).await?;
        let missing = || Error::incomplete("STS", "AssumeRole", "the session's keys");
        let keys = output.credentials.ok_or_else(missing)?;
        Ok(Session {
            access_key_id: keys.access_key_id,
            secret_access_key: Secret::new(keys.secret_access_key),
            session_token: Secret::new(keys.session_token),
            ends: keys.expiration.try_into().ok(),
        })
    }

    /// Who is calling (GetCallerIdentity).
    ///
    /// # Errors
    /// No permission is needed, so a failure is one of credentials or of the network.
    pub async fn caller_identity(&self) -> Result<Identity, Error> {
        let output =
            self.call("GetCallerIdentity", self.client().await?.get_caller_identity().send()).await?;
        match (output.account, output.arn) {
            (Some(account), Some(arn)) => Ok(Identity { account, arn }),
            _ => Err(Error::incomplete("STS", "GetCallerIdentity", "the account")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, testing};

    #[tokio::test(flavor = "current_thread")]
    async fn the_identity_and_its_root() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws-cn:sts::123456789012:assumed-role/a/b</Arn>\
             <UserId>X</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        )]);
        let identity = server.connection().sts().caller_identity().await.unwrap();
        assert_eq!(identity.account, "123456789012");
        assert_eq!(identity.root_arn(), "arn:aws-cn:iam::123456789012:root");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_expired_token_is_recognised() {
        let server = testing::answers(vec![testing::xml_error(
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        )]);
        let error = server.connection().sts().caller_identity().await.unwrap_err();
        assert_eq!(error.kind, Kind::ExpiredCredentials);
        insta::assert_snapshot!(error, @"the AWS credentials have expired (The security token included in the request is expired) (STS GetCallerIdentity, ExpiredToken, request req-1)");
    }
}
