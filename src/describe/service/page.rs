//! What a deployed service looks like.

use jiff::Timestamp;

use super::super::site;
use super::super::stack::Resource;
use super::{Endpoint, Shown};
use crate::page::{Body, Cell, Mark, Page, Paged};

impl Paged for Shown {
    fn page(&self, _now: Timestamp) -> Page {
        let about = vec![
            ("Application".to_owned(), Cell::from(self.application.as_str())),
            ("Name".to_owned(), self.service.as_str().into()),
            ("Type".to_owned(), self.kind.as_str().into()),
        ];
        let configurations = self.configurations.iter().flatten().map(|configuration| {
            let version = self.versions.get(&configuration.environment).map_or("", String::as_str);
            [
                &configuration.environment,
                &configuration.tasks,
                &configuration.cpu,
                &configuration.memory,
                &configuration.platform,
                &configuration.port,
            ]
            .into_iter()
            .map(|text| Cell::or_dash(text.as_str()))
            .chain([Cell::or_dash(version)])
            .collect()
        });
        let schedules = self.configurations.iter().flatten().filter(|found| !found.schedule.is_empty());
        let schedules =
            schedules.map(|found| vec![found.environment.as_str().into(), found.schedule.as_str().into()]);
        let routes = self.routes.iter().flatten();
        let routes = routes.map(|route| vec![route.environment.as_str().into(), route.url.as_str().into()]);
        let endpoints = |endpoints: &[Endpoint]| {
            let row = |endpoint: &Endpoint| {
                vec![Cell::from(endpoint.endpoint.as_str()), endpoint.environment.join(", ").into()]
            };
            Body::table(&["Endpoint", "Environment"], endpoints.iter().map(row).collect())
        };
        let alarms = self.rollback_alarms.iter().map(|alarm| {
            vec![
                alarm.name.as_str().into(),
                alarm.environment.as_str().into(),
                alarm.description.as_str().into(),
            ]
        });
        let variables = self.variables.iter().flatten().map(|variable| {
            [&variable.name, &variable.container, &variable.environment, &variable.value]
                .map(|text| Cell::or_dash(text.as_str()))
                .into()
        });
        let secrets = self.secrets.iter().map(|secret| {
            [&secret.name, &secret.container, &secret.environment, &secret.value_from]
                .map(|text| Cell::or_dash(text.as_str()))
                .into()
        });
        let mut page = Page::new()
            .with("About", Body::Pairs(about))
            .with(
                "Configurations",
                Body::table(
                    &[
                        "Environment",
                        "Tasks",
                        "CPU (vCPU/1024)",
                        "Memory (MiB)",
                        "Platform",
                        "Port",
                        "Version",
                    ],
                    configurations.collect(),
                ),
            )
            .with("Schedules", Body::table(&["Environment", "Schedule (UTC)"], schedules.collect()))
            .with("Rollback Alarms", Body::table(&["Name", "Environment", "Description"], alarms.collect()))
            .with("Routes", Body::table(&["Environment", "URL"], routes.collect()))
            .with(
                "Internal Service Endpoints",
                endpoints(self.service_discovery.as_deref().unwrap_or_default()),
            )
            .with("Service Connect", endpoints(&self.service_connect))
            .with(
                "Variables",
                Body::table(&["Name", "Container", "Environment", "Value"], variables.collect()),
            )
            .with(
                "Secrets",
                Body::table(&["Name", "Container", "Environment", "Value From"], secrets.collect()),
            );
        page = site::with_files(page, &self.objects);
        for (env, resources) in self.resources.iter().flatten() {
            page = page.with(&format!("Resources in {env}"), resource_table(resources));
        }
        if self.versions.is_empty() {
            page = page
                .with("", Body::Lines(vec![Cell::new("It is not deployed to any environment.", Mark::Dim)]));
        }
        page
    }
}

/// Resources as a table.
pub(in crate::describe) fn resource_table(resources: &[Resource]) -> Body {
    let row = |resource: &Resource| {
        vec![
            Cell::from(resource.logical_id.as_str()),
            resource.kind.as_str().into(),
            Cell::or_dash(resource.physical_id.as_str()),
        ]
    };
    Body::table(&["Logical ID", "Type", "Physical ID"], resources.iter().map(row).collect())
}
