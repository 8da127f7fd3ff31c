//! Deploying an earlier release again: everything it needs is read once, then planned, checked, held back where something would be
//! lost, and carried out.

use jiff::Timestamp;

use super::apply::addresses;
use super::environment::{self, Place};
use super::naming::Before;
use super::release::{MOST, all};
use super::{express, features, plan, verify};
use crate::artifact::key;
use crate::deploy::stack::Applied;
use crate::describe;
use crate::diagnostic::Source;
use crate::facts::{self, Facts};
use crate::model::workload::{self, Workload};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::app::infrastructure;
use crate::ops::owner::Owner;
use crate::ops::plan::{self as plans, Costs, Image, Plan, Risk};
use crate::ops::preflight::{self, Finding, Verified};
use crate::ops::stacks::{self, Change, Target};
use crate::ops::takeover::{self, Deployed};
use crate::ops::{Error, Report, Result, Session};
use crate::plan::guard::Guard;
use crate::stack::Stack;
use crate::stack::document::workload_stack;
use crate::stack::features::Features;
use crate::stack::workload::NLB_CERTIFICATE_PARAMETER;
use crate::stack::workload::site::CERTIFICATE;
use crate::store::parting::Parting;
use crate::store::release::Release;
use crate::yaml::template;

/// Which release is deployed again.
#[derive(Debug, Clone)]
pub struct Rollback {
    /// The application.
    pub app: AppName,
    /// The workload.
    pub name: WorkloadName,
    /// The environment.
    pub env: EnvName,
    /// Id of the release, or its beginning; `None`: the one before the current one.
    pub to: Option<String>,
    /// How the stack is changed.
    pub change: Change,
}

/// A release that is to be deployed again, with all that was read for it. Nothing has changed yet.
pub struct Ahead {
    place: Place,
    release: Release,
    /// What the release was deployed with.
    stack: Stack,
    /// Text of its template.
    text: String,
    deployed: Option<Deployed>,
    /// The workload of its manifest; none when that can't be read any more.
    model: Option<Workload>,
    /// Subnets that its template names.
    subnets: Vec<String>,
    plan: Plan,
    risks: Vec<Risk>,
}

impl Ahead {
    /// What the rollback would do.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What is asked before it begins.
    #[must_use]
    pub fn question(&self) -> String {
        let Self { release, plan, .. } = self;
        let commit =
            if release.commit.is_empty() { String::new() } else { format!(", commit {}", release.commit) };
        format!(
            "Deploy {} to {} as it was in release {} ({}{commit})?",
            plan.name,
            plan.environment,
            release.id,
            describe::ago(Some(release.at), Timestamp::now())
        )
    }
}

/// The release that a rollback goes to.
async fn target(place: &Place, options: &Rollback, stack: &str) -> Result<Release> {
    let releases = all(place, stack);
    let missing =
        |which: String| Error::NoRelease { name: options.name.clone(), env: options.env.clone(), which };
    if let Some(id) = &options.to {
        return releases.find(id).await?.ok_or_else(|| missing(id.clone()));
    }
    let found = releases.newest(MOST).await?;
    let current = found.first().map(|release| release.id.clone()).unwrap_or_default();
    found.into_iter().find(|release| release.id != current).ok_or_else(|| missing(String::new()))
}

/// The stack that a release was deployed with, and its template's text.
///
/// # Errors
/// Its template is gone or can't be read; whatever AWS reports.
pub(super) async fn stack_of(place: &Place, name: &str, release: &Release) -> Result<(Stack, String)> {
    let bytes = place.manager.s3().get(place.bucket(), &release.template).await?;
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or_else(|| Error::ReleaseGone {
        release: release.id.clone(),
        what: format!("its template s3://{}/{}", place.bucket(), release.template),
    })?;
    let template = template::parse(&text)
        .map_err(|error| Error::BadTemplate { stack: name.to_owned(), message: error.to_string() })?;
    let stack = Stack {
        name: name.to_owned(),
        template,
        parameters: release.parameters.clone(),
        tags: release.tags.clone(),
    };
    Ok((stack, text))
}

/// Reads a release and holds it against what is deployed. Nothing is changed.
///
/// # Errors
/// There is no such release; its template is gone; a newer version deployed the stack; whatever AWS reports.
pub async fn ahead(session: &Session, options: &Rollback) -> Result<Ahead> {
    let (app, name, env) = (&options.app, &options.name, &options.env);
    session.store().await.workload(app, name).await?;
    let place = environment::read(session, app, env).await?;
    let stack_name = workload_stack(app, env, name);
    let release = target(&place, options, &stack_name).await?;
    let deployed = takeover::deployed(session, &place.manager, &stack_name).await?;
    Owner::workload(app, env, name).check(deployed.as_ref().map(|deployed| &deployed.stack))?;
    let deployed_text = deployed.as_ref().map(|deployed| deployed.text.as_str());
    stacks::refuse_newer(&stack_name, deployed_text, options.change.allow_downgrade)?;
    let (stack, text) = stack_of(&place, &stack_name, &release).await?;
    let source = Source {
        path: "the release's manifest".to_owned(),
        text: verify::deployed_manifest(&stack.template),
    };
    let model = workload::read(&source, app, env, &|_| None).0.map(|read| read.model);
    let addons = addons_of(&place, &stack).await?;
    let title = format!(
        "{} {name} in {env} (release {})",
        model.as_ref().map_or("service", Workload::noun),
        release.id
    );
    let ground = plan::ground(&place, name.as_str());
    let laid = plans::lay(&ground, deployed.as_ref(), &stack, addons.as_deref(), &title).await?;
    let mut risks = plans::risks(&laid.stacks);
    let parameters = &place.parameters;
    let changed =
        model.as_ref().map_or_else(|| parameters.clone(), |model| plan::features(model, parameters));
    let whole = plan::with_environment(&place, laid, (parameters, &changed)).await?;
    // What nobody uses any more takes no traffic.
    risks.extend(plans::risks(whole.environment()).into_iter().filter(|risk| risk.guard == Guard::Data));
    let had = Features::from_parameters(parameters);
    let has = Features::from_parameters(&changed);
    let known = had.public_aliases();
    let plan = Plan {
        kind: model.as_ref().map_or("service", Workload::noun),
        name: name.to_string(),
        environment: env.to_string(),
        region: place.record.region.clone(),
        takeover: whole.takeover,
        images: images(&release, deployed.as_ref()),
        uploads: vec![],
        files: vec![],
        features: plan::switches(&had, &has),
        names: has.public_aliases().into_iter().filter(|name| !known.contains(name)).collect(),
        cost: Costs::new(place.prices.of(&place.record.region), whole.before, whole.after),
        stacks: whole.stacks,
    };
    let subnets = subnets(&stack.template);
    Ok(Ahead { place, release, stack, text, deployed, model, subnets, plan, risks })
}

/// Text of the template of the addons that the release has; none without addons, or when it is gone.
async fn addons_of(place: &Place, stack: &Stack) -> Result<Option<String>> {
    let Some(key) = stack.parameters.get("AddonsTemplateURL").and_then(|url| object(place, url)) else {
        return Ok(None);
    };
    let bytes = place.manager.s3().get(place.bucket(), key).await?;
    Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
}

/// Key of the object of the artifact bucket that a parameter names by its URL or ARN.
fn object<'a>(place: &Place, value: &'a str) -> Option<&'a str> {
    let (bucket, region) = (place.bucket(), &place.record.region);
    let key = value
        .strip_prefix(key::url(bucket, region, "").as_str())
        .or_else(|| value.strip_prefix(key::arn(bucket, region, "").as_str()));
    key.filter(|key| !key.is_empty())
}

/// The images of a release, as its tasks will run them.
fn images(release: &Release, deployed: Option<&Deployed>) -> Vec<Image> {
    let runs = |address: &str| {
        deployed.is_some_and(|deployed| {
            let mut values = deployed.stack.parameters.values();
            values.any(|value| value == address) || deployed.text.contains(address)
        })
    };
    let of = if release.commit.is_empty() {
        format!("of release {}", release.id)
    } else {
        format!("of release {}, commit {}", release.id, release.commit)
    };
    let image = |(container, address): (&String, &String)| Image {
        container: container.clone(),
        repository: address.split('@').next().unwrap_or(address).to_owned(),
        build: false,
        reason: if runs(address) { "it runs already".to_owned() } else { of.clone() },
        address: address.clone(),
    };
    release.images.iter().map(image).collect()
}

/// Ids of subnets that a template names.
fn subnets(template: &serde_json::Value) -> Vec<String> {
    let services = template["Resources"].as_object().into_iter().flatten();
    let services = services.filter(|(_, resource)| resource["Type"] == "AWS::ECS::Service");
    let named = services.flat_map(|(_, resource)| {
        let subnets = &resource["Properties"]["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"];
        subnets.as_array().cloned().unwrap_or_default()
    });
    named.filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

/// The checks that come before a rollback: of what the release rests on.
///
/// # Errors
/// [`Error::Preflight`] when the rollback would fail.
async fn check(session: &Session, options: &Rollback, ahead: &Ahead) -> Result<()> {
    if options.change.skip_preflight {
        return Ok(());
    }
    let Ahead { place, release, stack, .. } = ahead;
    let files: Vec<(String, &str)> = stack
        .parameters
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), object(place, value)?)))
        .collect();
    let app = facts::App::from(&place.app);
    let mut known = vec![];
    let repository = match infrastructure::repository(&place.regional, &app, &options.name).await {
        Ok(repository) => repository,
        Err(Error::Aws(error)) => {
            known.push(Finding::not_checked("release", "images of the release", &error));
            String::new()
        }
        // Without a repository none of its images are in one.
        Err(_) => String::new(),
    };
    let held = preflight::release::Held {
        manager: &place.manager,
        regional: &place.regional,
        repository,
        name: format!("{}/{}", options.app, options.name),
        bucket: place.bucket(),
        release,
        files,
    };
    let status = ahead.deployed.as_ref().map(|deployed| deployed.stack.status.as_str());
    known.extend(preflight::release::check(&held).await);
    known.push(verify::standing(&stack.name, status));
    let checked = match &ahead.model {
        None => preflight::Checked {
            kind: ahead.plan.kind,
            name: options.name.to_string(),
            environment: options.env.to_string(),
            checks: known,
        },
        Some(model) => {
            known.extend(verify::lacking(place, model));
            let mut facts = Facts::new(options.app.clone(), options.env.clone());
            facts.app = facts::App::from(&place.app);
            facts.env = facts::Env::from(&place.record);
            facts.parameters.clone_from(&stack.parameters);
            let mut ground = verify::ground(session, place, (&options.app, &options.env), model, &facts);
            ground.workspace = None;
            ground.subnets = &ahead.subnets;
            ground.is_new = ahead.deployed.is_none();
            let manifest =
                ahead.deployed.as_ref().map(|deployed| verify::deployed_manifest(&deployed.document));
            ground.before =
                manifest.and_then(|text| verify::as_deployed((&options.app, &options.env), &text));
            preflight::examine(&ground, known).await
        }
    };
    verify::judged(session, Verified { workloads: vec![checked] })
}

/// Deploys an earlier release again: its template with its parameters, and by them its images.
///
/// # Errors
/// What would be lost is not agreed to; what it rests on is gone; a failed deployment; whatever AWS reports.
pub async fn rollback(session: &Session, options: &Rollback, ahead: &mut Ahead) -> Result<Report> {
    express::refuse(&options.change, ahead.model.as_ref(), &ahead.risks)?;
    plans::gate(ahead.risks.clone(), &options.change.allow_replace)?;
    check(session, options, ahead).await?;
    let (app, name, env) = (&options.app, &options.name, &options.env);
    let Ahead { place, release, stack, text, deployed, model, .. } = ahead;
    // What the release needs of the environment may have been switched off since.
    let needs = model.as_ref().map(features::needs);
    if let Some(needs) = &needs {
        place.provide(session, &[(name.clone(), needs.clone())], &options.change).await?;
    }
    let names = match &model {
        Some(model) => Some(names_before(session, place, model, deployed.as_ref(), stack).await?),
        None => None,
    };
    let stack = &*stack;
    let title = format!("{} {name} in {env} (release {})", ahead.plan.kind, release.id);
    let target = Target { text: Some(text), ..place.target(&title, options.change.clone()) };
    let applying = express::apply(session, place, stack, &target, deployed.as_ref());
    let applied = match (&model, &names) {
        (Some(model), Some(names)) => {
            place.parting_with_names(session, model, &names.before(), stack, applying).await?
        }
        _ => applying.await?,
    };
    let mut report = Report::default();
    report.done.push(match applied {
        Applied::Started { .. } => {
            format!("CloudFormation has begun to deploy release {} of {name} to {env}.", release.id)
        }
        Applied::Unchanged => format!("{name} in {env} is release {} already.", release.id),
        Applied::Done { .. } => format!("{name} in {env} is release {} again.", release.id),
    });
    if matches!(applied, Applied::Started { .. }) {
        report.next.push(format!("Run `wharf watch --name {name} --env {env}` to follow it."));
        return Ok(report);
    }
    // A rollback that changes nothing is no further release; one that was stopped after its change is recorded now.
    let stands = deployed.as_ref().is_some_and(|deployed| {
        deployed.text.trim_end() == text.trim_end() && deployed.stack.parameters == stack.parameters
    });
    if applied != Applied::Unchanged || stands {
        let again = Release { at: Timestamp::now().as_millisecond(), ..release.clone() };
        if let Err(error) = all(place, &stack.name).keep(&again).await {
            session.warn(format!("The rollback was not recorded as a release: {error}."));
        }
    }
    if let (Some(model), Some(names)) = (&model, names) {
        place.settle_names(session, model, &names.before(), names.certificate.as_deref()).await?;
    }
    if let Some(needs) = needs {
        place.settle(session, name, &needs).await?;
    }
    report.urls = addresses(place, app, env, name).await?;
    if applied != Applied::Unchanged {
        report.next.push(
            "The workspace still holds what was deployed before, and the next deployment brings it back: mend it first."
                .to_owned(),
        );
    }
    Ok(report)
}

/// Names of a workload before its rollback.
struct Names {
    /// What is known, with the parameters of its stack.
    facts: Facts,
    /// Host names that lead to it.
    hosts: Vec<String>,
    /// Names that earlier deployments have noted for it.
    parting: Parting,
    /// The certificate that the release's names need.
    certificate: Option<String>,
}

impl Names {
    fn before(&self) -> Before<'_> {
        Before { facts: &self.facts, hosts: &self.hosts, parting: &self.parting }
    }
}

/// Finds the names that lead to a workload, and gives the release a certificate for its own: the one it had may be gone.
async fn names_before(
    session: &Session,
    place: &Place,
    model: &Workload,
    deployed: Option<&Deployed>,
    stack: &mut Stack,
) -> Result<Names> {
    let mut facts = Facts::new(place.app.name.clone(), place.record.name.clone());
    facts.app = facts::App::from(&place.app);
    let (mut hosts, mut parting) = (vec![], Parting::default());
    if let Some(deployed) = deployed {
        hosts = place.deployed_hosts(model, &deployed.stack).await?;
        parting = place.parting(model, &deployed.stack).await?;
        facts.parameters.clone_from(&deployed.stack.parameters);
    }
    let mut names = Names { facts, hosts, parting, certificate: None };
    let certificate = place.certificate(session, model, &names.before()).await?;
    for parameter in [NLB_CERTIFICATE_PARAMETER, CERTIFICATE] {
        if let (Some(arn), Some(value)) = (&certificate, stack.parameters.get_mut(parameter)) {
            value.clone_from(arn);
        }
    }
    names.certificate = certificate;
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn subnets_are_read_from_the_services_of_a_template() {
        let template = serde_json::json!({"Resources": {
            "Service": {"Type": "AWS::ECS::Service", "Properties": {"NetworkConfiguration": {"AwsvpcConfiguration": {
                "Subnets": ["subnet-1", "subnet-2"]}}}},
            "Other": {"Type": "AWS::EC2::Subnet", "Properties": {"Subnets": ["subnet-3"]}},
        }});
        assert_eq!(subnets(&template), ["subnet-1", "subnet-2"]);
        assert_eq!(subnets(&serde_json::json!({})), [""; 0]);
    }

    #[test]
    fn images_say_where_they_are_from() {
        let release = Release {
            id: "0a1b2c3d4e".to_owned(),
            at: 0,
            commit: "4f2a9c1".to_owned(),
            images: BTreeMap::from([("web".to_owned(), "host/shop/web@sha256:00".to_owned())]),
            template: String::new(),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
        };
        let seen = images(&release, None);
        assert_eq!(
            (seen[0].repository.as_str(), seen[0].reason.as_str(), seen[0].build),
            ("host/shop/web", "of release 0a1b2c3d4e, commit 4f2a9c1", false)
        );
    }
}
