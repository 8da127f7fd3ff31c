//! What a release that is deployed again rests on by name: its images, and its files in the artifact bucket.

use futures_util::future::join_all;

use super::Finding;
use crate::aws::Connection;
use crate::aws::ecr::Which;
use crate::store::release::Release;

const CHECK: &str = "release";

/// A release, and where its parts are.
pub(in crate::ops) struct Held<'a> {
    /// The way to the environment.
    pub manager: &'a Connection,
    /// The application's own credentials in the environment's region: the registry is theirs.
    pub regional: &'a Connection,
    /// Address of the workload's repository, such as `111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/web`; empty without one.
    pub repository: String,
    /// The repository's name, such as `shop/web`.
    pub name: String,
    /// The artifact bucket.
    pub bucket: &'a str,
    /// The release.
    pub release: &'a Release,
    /// Files of the artifact bucket that its parameters name: the parameter and the key.
    pub files: Vec<(String, &'a str)>,
}

/// Looks whether all of it is still there.
pub(in crate::ops) async fn check(held: &Held<'_>) -> Vec<Finding> {
    let images =
        join_all(held.release.images.iter().map(|(container, address)| image(held, container, address)));
    let files = join_all(held.files.iter().map(|(parameter, key)| file(held, parameter, key)));
    let (images, files) = tokio::join!(images, files);
    images.into_iter().flatten().chain(files).collect()
}

/// An image of the workload's own repository; of others nothing is known.
async fn image(held: &Held<'_>, container: &str, address: &str) -> Option<Finding> {
    let repository = Some(held.repository.as_str()).filter(|repository| !repository.is_empty())?;
    let rest = address.strip_prefix(repository)?;
    let which = match (rest.split_once('@'), rest.strip_prefix(':')) {
        (Some((_, digest)), _) => Which::Digest(digest),
        (None, Some(tag)) => Which::Tag(tag),
        // Another repository, whose name only begins with this one's.
        (None, None) => return None,
    };
    let found = held.regional.ecr().image(&held.name, which).await;
    let what = format!("image of {container}");
    Some(match found {
        Ok(Some(_)) => Finding::ok(CHECK, what, format!("{address} is in the registry")),
        Ok(None) => {
            let detail = format!("{address} is not in the registry any more");
            let commit = match held.release.commit.as_str() {
                "" => "Check out what it was built from".to_owned(),
                commit => format!("Check out the commit {commit}"),
            };
            let mut finding = Finding::failed(CHECK, what, "image_not_found", detail).advice(format!(
                "{commit} and run `wharf deploy`, which builds it again; or choose another release (`wharf svc releases`)."
            ));
            finding.next.push(
                "A lifecycle policy of the repository may have removed it: let it keep as many images as releases you go back to."
                    .to_owned(),
            );
            finding
        }
        Err(error) => Finding::not_checked(CHECK, what, &error),
    })
}

async fn file(held: &Held<'_>, parameter: &str, key: &str) -> Finding {
    let what = format!("s3://{}/{key}", held.bucket);
    match held.manager.s3().head(held.bucket, key).await {
        Ok(Some(_)) => Finding::ok(CHECK, what, "is there"),
        Ok(None) => Finding::failed(CHECK, what, "", format!("is gone, and {parameter} names it"))
            .advice("Check out what the release was built from and deploy that, or choose another release."),
        Err(error) => Finding::not_checked(CHECK, what, &error),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::testing::lines;
    use super::*;
    use crate::aws::testing;

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_gone_is_named_with_what_to_do() {
        let host = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop";
        let image = |name: &str, rest: &str| (name.to_owned(), format!("{host}/{rest}"));
        let release = Release {
            id: "0a1b2c3d4e".to_owned(),
            at: 0,
            commit: "4f2a9c1".to_owned(),
            images: BTreeMap::from([
                image("web", "web@sha256:00"),
                image("gone", "web:v1@sha256:11"),
                image("tagged", "web:v2"),
                image("other", "web-other"),
                ("nginx".to_owned(), "nginx:1".to_owned()),
            ]),
            template: String::new(),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
        };
        let server = testing::server(|request| {
            if request.body.contains("sha256:00") {
                return testing::json(200, r#"{"imageDetails": [{"imageDigest": "sha256:00"}]}"#);
            }
            if request.method == "HEAD" {
                let code = if request.uri.contains("kept") { 200 } else { 404 };
                return testing::xml(code, "");
            }
            testing::json_error("ImageNotFoundException", "gone")
        });
        let held = Held {
            manager: server.connection(),
            regional: server.connection(),
            repository: format!("{host}/web"),
            name: "shop/web".to_owned(),
            bucket: "b",
            release: &release,
            files: vec![
                ("AddonsTemplateURL".to_owned(), "manual/addons/kept.yml"),
                ("EnvFileARN".to_owned(), "a.env"),
            ],
        };
        insta::assert_snapshot!("release", lines(&check(&held).await));
    }
}
