//! Resource Groups Tagging API: resources by their tags.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::query::{self, Api, Protocol};
use super::{Connection, Error};

const API: Api = Api {
    name: "Resource Groups Tagging",
    id: "Resource Groups Tagging API",
    prefix: "tagging",
    protocol: Protocol::Json { target: "ResourceGroupsTaggingAPI_20170126" },
};

/// The door to the tagging API.
#[derive(Debug, Clone)]
pub struct Tagging(Connection);

impl Connection {
    /// The door to the tagging API.
    #[must_use]
    pub fn tagging(&self) -> Tagging {
        Tagging(self.clone())
    }
}

/// A tagged resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetResources {
    #[serde(default)]
    resource_tag_mapping_list: Vec<Mapping>,
    pagination_token: Option<String>,
}

#[derive(Deserialize)]
struct Mapping {
    #[serde(rename = "ResourceARN")]
    arn: String,
    #[serde(rename = "Tags", default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

impl Tagging {
    /// The resources of `types` (such as `ecs:service`; empty: any) that carry all of `tags`, sorted by ARN
    /// (GetResources, all pages). An empty value stands for any value of that key.
    ///
    /// # Errors
    /// Whatever the API reports.
    pub async fn resources(&self, types: &[&str], tags: &[(&str, &str)]) -> Result<Vec<Resource>, Error> {
        let filters: Vec<_> = tags
            .iter()
            .map(|(key, value)| match *value {
                "" => json!({"Key": key}),
                value => json!({"Key": key, "Values": [value]}),
            })
            .collect();
        let filters = &filters;
        let mut found = query::pages(|token| async move {
            let mut input = json!({"TagFilters": filters, "ResourcesPerPage": 100});
            if !types.is_empty() {
                input["ResourceTypeFilters"] = json!(types);
            }
            if let Some(token) = token {
                input["PaginationToken"] = token.into();
            }
            let output: GetResources = query::json(&self.0, API, "GetResources", &input).await?;
            let resources = output.resource_tag_mapping_list.into_iter().map(|mapping| Resource {
                arn: mapping.arn,
                tags: mapping.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
            });
            Ok((resources.collect(), output.pagination_token))
        })
        .await?;
        found.sort_by(|a: &Resource, b| a.arn.cmp(&b.arn));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;

    #[tokio::test(flavor = "current_thread")]
    async fn filters_go_out_and_tags_come_back() {
        let server = testing::answers(vec![
            testing::json(
                200,
                r#"{"PaginationToken": "p", "ResourceTagMappingList": [{"ResourceARN": "arn:b", "Tags": [{"Key": "copilot-service", "Value": "api"}]}]}"#,
            ),
            testing::json(
                200,
                r#"{"PaginationToken": "", "ResourceTagMappingList": [{"ResourceARN": "arn:a", "Tags": []}]}"#,
            ),
        ]);
        let tagging = server.connection().tagging();
        let found = tagging
            .resources(&["ecs:service"], &[("copilot-application", "shop"), ("copilot-service", "")])
            .await
            .unwrap();
        assert_eq!(found[0].arn, "arn:a");
        assert_eq!(found[1].tags["copilot-service"], "api");
        assert_eq!(
            server.requests()[0].body,
            r#"{"TagFilters":[{"Key":"copilot-application","Values":["shop"]},{"Key":"copilot-service"}],"ResourcesPerPage":100,"ResourceTypeFilters":["ecs:service"]}"#
        );
    }
}
