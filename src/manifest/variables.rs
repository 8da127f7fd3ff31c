//! `variables` and `secrets` of containers, and values imported from other stacks.

use super::decode::{Form, Text};
use super::element::element;

element! {
    /// A value exported by another CloudFormation stack of the region.
    pub struct Import {
        /// Name of the export.
        from_cfn: Text = "from_cfn",
    }
}

element! {
    /// Where a secret is.
    pub struct SecretSource {
        /// Name of a CloudFormation export that holds the secret's name or ARN.
        from_cfn: Text = "from_cfn",
        /// Name of a Secrets Manager secret of the environment's account and region, with an optional `:key::` suffix.
        secretsmanager: Text = "secretsmanager",
    }
    exclusive from_cfn | secretsmanager;
}

/// A text or an import.
pub type Value = Form<Text, Import>;
/// The name of an SSM parameter, an ARN, or where the secret is.
pub type Secret = Form<Text, SecretSource>;
