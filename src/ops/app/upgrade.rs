//! What this version's templates would do to an application's own stacks: asked by `doctor`, and by everything that renders them
//! anew before it changes anything.
//!
//! The next template of a StackSet is computed from what the deployed one says of itself. What stands in it, or in the stack of
//! a region that lags behind, without following from that would be gone. So a [`StateChange`] is held against both, and what
//! would lose something or make it anew is refused.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::aws::cloudformation::stack_set::{Instance, StackSet};
use crate::aws::{self, Connection, cloudformation};
use crate::deploy::stackset::{self, Next};
use crate::facts::App;
use crate::name::{WorkloadName, undashed};
use crate::ops::takeover::Deployed;
use crate::ops::{Error, Result, stacks};
use crate::plan::unchanged;
use crate::stack::infrastructure::{StackSetState, infrastructure, repository_id};
use crate::stack::{self, Stack, TEMPLATE_VERSION};
use crate::takeover::compare::{Fate, Side, Verdict};
use crate::takeover::known::Known;
use crate::takeover::renewal::{Leaving, Renewal, renewal};
use crate::yaml::node::SyntaxError;
use crate::yaml::template;

/// What `wharf app upgrade` would do to the stack of an application's roles, or to its StackSet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upgrade {
    /// Version of its template, such as `v1.2.0`; `v0.0.0` when it says none, empty when it can't be read.
    pub template_version: String,
    /// The version it would have.
    pub to: String,
    /// What becomes of the stacks; more than one where a region's stack is not what the StackSet's template says.
    pub stacks: Vec<Renewed>,
    /// What forbids it; empty when nothing does.
    pub problems: Vec<Problem>,
}

/// What becomes of a stack, or of all stacks of a StackSet that are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Renewed {
    /// The stack or StackSet.
    pub stack: String,
    /// Where it is so; empty for a StackSet that is in no region yet.
    pub regions: Vec<String>,
    /// What becomes of it.
    #[serde(flatten)]
    pub renewal: Renewal,
}

/// Something that would be lost, or can't be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What, as a clause.
    pub what: String,
    /// What to do about it, a sentence.
    pub next: String,
}

impl Upgrade {
    /// Whether it would not be done.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.problems.is_empty()
    }
}

/// A change of the StackSet's state: each one renders its template anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ops) enum StateChange<'a> {
    /// Brings the template to this version.
    Upgrade,
    /// Changes nothing but the counter: what every change does besides.
    Anew,
    /// Registers a workload, `images`: with a repository.
    AddWorkload { name: &'a WorkloadName, images: bool },
    /// Takes a workload out with its repository.
    RemoveWorkload(&'a WorkloadName),
    /// Lets an account in.
    AddAccount(&'a str),
    /// Shuts an account out.
    RemoveAccount(&'a str),
}

impl StateChange<'_> {
    fn of(self, state: &StackSetState) -> StackSetState {
        match self {
            Self::Upgrade => state.upgraded(),
            Self::Anew => StackSetState { version: state.version.saturating_add(1), ..state.clone() },
            Self::AddWorkload { name, images } => state.with_workload(name, images),
            Self::RemoveWorkload(name) => state.without_workload(name),
            Self::AddAccount(account) => state.with_account(account),
            Self::RemoveAccount(account) => state.without_account(account),
        }
    }

    /// What goes because it was asked for.
    fn leaving(self) -> Leaving {
        match self {
            Self::RemoveWorkload(name) => {
                Leaving { resource: Some(repository_id(name.as_str())), ..Leaving::default() }
            }
            Self::RemoveAccount(account) => {
                Leaving { account: Some(account.to_owned()), ..Leaving::default() }
            }
            _ => Leaving::default(),
        }
    }
}

/// A change of a StackSet, and what it would do.
pub(in crate::ops) struct Ahead {
    /// What it would do.
    pub upgrade: Upgrade,
    /// The next state; `None` when that can't be computed.
    next: Option<Next>,
}

/// A region's stack that lags behind its StackSet's template.
pub(in crate::ops) struct Lagging {
    region: String,
    stack_id: String,
    template: String,
}

/// The stacks that lag behind, in the application's own account: the StackSet has none elsewhere.
pub(in crate::ops) async fn lagging(
    connection: &Connection,
    app: &App,
    instances: &[Instance],
) -> std::result::Result<Vec<Lagging>, aws::Error> {
    let mut found = vec![];
    for one in instances.iter().filter(|one| stackset::lags(one) && one.account == app.account) {
        let regional = connection.region(&one.region);
        // Nothing is lost with a stack that is gone.
        if let Some(template) = regional.cloudformation().template(&one.stack_id).await? {
            let (region, stack_id) = (one.region.clone(), one.stack_id.clone());
            found.push(Lagging { region, stack_id, template });
        }
    }
    Ok(found)
}

/// What a change would do to a StackSet with these instances; `None` when there is nothing to do.
pub(in crate::ops) fn of_set(
    app: &App,
    seen: (&StackSet, &[Instance], &[Lagging]),
    change: StateChange<'_>,
) -> Result<Option<Ahead>> {
    skipping(app, seen, (change, 0))
}

/// The same where the counter skips some numbers, whose operations there have been.
pub(super) fn skipping(
    app: &App,
    (set, instances, lagging): (&StackSet, &[Instance], &[Lagging]),
    (change, skip): (StateChange<'_>, u64),
) -> Result<Option<Ahead>> {
    let mut upgrade = Upgrade {
        template_version: String::new(),
        to: TEMPLATE_VERSION.to_owned(),
        stacks: vec![],
        problems: vec![],
    };
    let deployed = match template::parse(&set.template) {
        Ok(deployed) => deployed,
        Err(error) => {
            upgrade.problems.push(unreadable(&set.name, &error));
            return Ok(Some(Ahead { upgrade, next: None }));
        }
    };
    let old = StackSetState::parse(&deployed);
    let mut new = change.of(&old);
    upgrade.template_version.clone_from(&old.template_version);
    let (wanted, write) = if new != old {
        new.version = new.version.saturating_add(skip);
        upgrade.problems = of_metadata(&set.name, &deployed, change);
        let stack = infrastructure(app, &new)?;
        // Copilot has dropped the application's tags in some of its changes: they come back, and others stay.
        let tags = set.tags.iter().chain(&stack.tags);
        let tags = tags.map(|(key, value)| (key.clone(), value.clone())).collect();
        let next = Next { template: stack.template_yaml(), url: None, tags, operation: new.operation_id() };
        (stack.template, next)
    } else if let Some(next) = stackset::again(set, instances) {
        upgrade.to.clone_from(&old.template_version);
        (deployed.clone(), next)
    } else {
        return Ok(None);
    };
    let laid = |held: &Value, stack_id: &str| {
        let known = Known { account: app.account.clone(), ..Known::of_stack(stack_id) };
        let none = BTreeMap::new();
        let side = |template| Side { template, parameters: &none };
        renewal(side(held), side(&wanted), &known, &change.leaving())
    };
    let lags = |one: &Instance| {
        lagging.iter().any(|other| (&other.region, &other.stack_id) == (&one.region, &one.stack_id))
    };
    // A stack that can't be changed any more is not changed, and one that is not there yet has nothing to lose.
    let is_changed = |one: &&Instance| !one.stack_id.is_empty() && one.status != "INOPERABLE";
    let current: Vec<&Instance> = instances.iter().filter(is_changed).filter(|one| !lags(one)).collect();
    if !current.is_empty() || lagging.is_empty() {
        let stack_id = current.first().map(|one| one.stack_id.as_str()).unwrap_or_default();
        let regions = current.iter().map(|one| one.region.clone()).collect();
        upgrade.add(&set.name, regions, laid(&deployed, stack_id));
    }
    for one in lagging {
        match template::parse(&one.template) {
            Ok(held) => upgrade.add(&set.name, vec![one.region.clone()], laid(&held, &one.stack_id)),
            Err(error) => {
                upgrade.problems.push(unreadable(&format!("{} in {}", set.name, one.region), &error));
            }
        }
    }
    let next = |fate: &Fate| next_for(fate, Some(&deployed));
    let found: Vec<Problem> = match upgrade.stacks.as_slice() {
        [all] => problems(&set.name, all, &next),
        several => several.iter().flat_map(|one| problems(&one.place(), one, &next)).collect(),
    };
    upgrade.problems.extend(found);
    Ok(Some(Ahead { upgrade, next: Some(write) }))
}

impl Upgrade {
    fn add(&mut self, stack: &str, mut regions: Vec<String>, renewal: Renewal) {
        match self.stacks.iter_mut().find(|known| known.renewal == renewal) {
            Some(known) => known.regions.append(&mut regions),
            None => self.stacks.push(Renewed { stack: stack.to_owned(), regions, renewal }),
        }
        self.stacks.iter_mut().for_each(|one| one.regions.sort_unstable());
    }
}

impl Renewed {
    /// Which stacks, for people.
    #[must_use]
    pub fn place(&self) -> String {
        match self.regions.as_slice() {
            [] => self.stack.clone(),
            regions => format!("{} in {}", self.stack, regions.join(", ")),
        }
    }
}

fn unreadable(stack: &str, error: &SyntaxError) -> Problem {
    Problem {
        what: format!("the template of {stack} can't be read: {error}"),
        next: "Correct it by hand.".to_owned(),
    }
}

fn newer(stack: &str, version: &str) -> Problem {
    Problem {
        what: format!("{stack} was deployed by a newer version ({version})"),
        next: "Upgrade wharf.".to_owned(),
    }
}

/// What of a StackSet's metadata would be lost.
fn of_metadata(set: &str, deployed: &Value, change: StateChange<'_>) -> Vec<Problem> {
    let version = StackSetState::parse(deployed).template_version;
    let is_newer = matches!(change, StateChange::Upgrade | StateChange::Anew) && stacks::is_newer(&version);
    let unread = StackSetState::unread(deployed).into_iter().map(|unread| Problem {
        what: format!("{} in the template of {set} {}", unread.path, unread.why),
        next: match unread.is_unknown() {
            true => "Use the version that wrote it, or take it out of the template by hand.".to_owned(),
            false => format!("Correct {} by hand.", unread.path),
        },
    });
    is_newer.then(|| newer(set, &version)).into_iter().chain(unread).collect()
}

/// What would be lost of a stack. `next`: what to do about a resource.
fn problems(place: &str, renewed: &Renewed, next: &dyn Fn(&Fate) -> String) -> Vec<Problem> {
    let Renewal { comparison, lost_accounts } = &renewed.renewal;
    let nexts = comparison.resources.iter().filter(|fate| fate.verdict.is_forbidden()).map(next);
    let exports =
        comparison.lost_exports.iter().map(|name| format!("Give the export {name} another home first."));
    let of_comparison = comparison.problems(place).into_iter().zip(nexts.chain(exports));
    let accounts = lost_accounts.iter().map(|account| {
        let what = format!("the account {account} could no longer use what {place} holds");
        (
            what,
            format!(
                "Enter {account} under `Accounts` in its metadata by hand, or take it out of its policies."
            ),
        )
    });
    of_comparison.chain(accounts).map(|(what, next)| Problem { what, next }).collect()
}

/// What to do about a resource that would be lost or made anew. `set`: the StackSet's template, when it is one's.
fn next_for(fate: &Fate, set: Option<&Value>) -> String {
    let id = &fate.id;
    let workload = id.strip_prefix("ECRRepo").filter(|_| fate.kind == "AWS::ECR::Repository").map(undashed);
    match (fate.verdict, workload, set) {
        // In a region alone, where its deletion failed.
        (Verdict::Lost, Some(name), Some(set)) if set["Resources"].get(id).is_none() => {
            format!("Its deletion did not come to its end: run `wharf svc delete --name {name}` again.")
        }
        // The list that counts: a new one would take the place of the old one.
        (Verdict::Lost, Some(name), Some(set)) => {
            let (entry, list) =
                match set["Metadata"]["Workloads"].is_null() && set["Metadata"]["Services"].is_array() {
                    true => (name.clone(), "Services"),
                    false => (format!("{{Name: {name}, WithECR: true}}"), "Workloads"),
                };
            format!("If {name} is still used, enter `{entry}` under `{list}` in its metadata by hand.")
        }
        (Verdict::Lost, ..) => {
            format!("Give {id} `DeletionPolicy: Retain` and then take it out of the template by hand.")
        }
        _ => format!("Change {id} back in the template by hand."),
    }
}

/// The stack of an application's roles as this version has it, and what laying it over the deployed one does: nothing when it
/// is not deployed or nothing differs.
pub(in crate::ops) fn of_roles(app: &App, deployed: Option<&Deployed>) -> Result<(Stack, Option<Upgrade>)> {
    // The domain and the accounts that write into its zone are the deployed stack's own business.
    let parameters = deployed.map(|deployed| &deployed.stack.parameters);
    let value = |key: &str| parameters.and_then(|values| values.get(key)).cloned().unwrap_or_default();
    let domain = stack::app::Domain {
        name: value("AppDomainName"),
        hosted_zone_id: value("AppDomainHostedZoneID"),
        accounts: parameters.map(|values| stack::app::delegated_accounts(values, app)).unwrap_or_default(),
    };
    let wanted = stack::app::roles(app, Some(&domain), deployed.map(|deployed| &deployed.document))?;
    let upgrade = deployed.map(|deployed| over_roles(deployed, &wanted)).transpose()?.flatten();
    Ok((wanted, upgrade))
}

/// What an upgrade would do to the deployed stack of an application's roles, which has the template `text`.
pub(in crate::ops) fn of_deployed_roles(
    app: &App,
    stack: &cloudformation::Stack,
    text: &str,
) -> Result<Option<Upgrade>> {
    match template::parse(text) {
        Ok(document) => {
            let deployed = Deployed { stack: stack.clone(), text: text.to_owned(), document };
            Ok(of_roles(app, Some(&deployed))?.1)
        }
        Err(error) => Ok(Some(Upgrade {
            template_version: String::new(),
            to: TEMPLATE_VERSION.to_owned(),
            stacks: vec![],
            problems: vec![unreadable(&stack.name, &error)],
        })),
    }
}

/// What laying a stack of roles over the deployed one does; `None` when nothing differs.
pub(in crate::ops) fn over_roles(deployed: &Deployed, wanted: &Stack) -> Result<Option<Upgrade>> {
    let wanted = stacks::read_back(wanted)?;
    let stack = &deployed.stack;
    if unchanged::content(deployed.laid(), &wanted).is_none() {
        return Ok(None);
    }
    let old = Side { template: &deployed.document, parameters: &stack.parameters };
    let new = Side { template: &wanted.template, parameters: &wanted.parameters };
    let known = Known::of_stack(&stack.id);
    let renewed = Renewed {
        stack: stack.name.clone(),
        regions: vec![known.region.clone()],
        renewal: renewal(old, new, &known, &Leaving::default()),
    };
    let version = deployed.document["Metadata"]["TemplateVersion"].as_str().unwrap_or("v0.0.0").to_owned();
    let newer = stacks::is_newer(&version).then(|| newer(&stack.name, &version));
    Ok(Some(Upgrade {
        problems: newer
            .into_iter()
            .chain(problems(&stack.name, &renewed, &|fate| next_for(fate, None)))
            .collect(),
        template_version: version,
        to: TEMPLATE_VERSION.to_owned(),
        stacks: vec![renewed],
    }))
}

/// Refuses to change the stack of an application's roles where something would be lost with that, before anything changes.
pub(in crate::ops) fn gate(stack: &str, upgrade: Option<&Upgrade>) -> Result<()> {
    match upgrade.filter(|upgrade| upgrade.is_refused()) {
        Some(upgrade) => Err(Error::WouldLose {
            what: format!("the stack {stack}"),
            problems: upgrade.problems.clone(),
            by_hand: String::new(),
        }),
        None => Ok(()),
    }
}

impl Ahead {
    /// The next state, unless something would be lost with it.
    pub fn admitted(self, set: &StackSet) -> Result<Option<Next>> {
        if !self.upgrade.is_refused() {
            return Ok(self.next);
        }
        let StackSet { name, admin_role_arn, execution_role, .. } = set;
        Err(Error::WouldLose {
            what: format!("the StackSet {name}"),
            problems: self.upgrade.problems,
            by_hand: format!(
                "aws cloudformation update-stack-set --stack-set-name {name} --template-body file://{name}.stackset.yml \
                 --capabilities CAPABILITY_NAMED_IAM --administration-role-arn {admin_role_arn} \
                 --execution-role-name {execution_role}"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::Facts;
    use crate::name::{AppName, EnvName};

    fn app() -> App {
        let mut app = Facts::new(AppName::new("shop").unwrap(), EnvName::new("test").unwrap()).app;
        app.account = "123456789012".to_owned();
        app
    }

    fn name(text: &str) -> WorkloadName {
        WorkloadName::new(text).unwrap()
    }

    /// The template of a StackSet with two workloads and two accounts, as this version has it.
    fn ours() -> Value {
        let state = StackSetState::default()
            .with_account("123456789012")
            .with_account("444455556666")
            .with_workload(&name("api"), true)
            .with_workload(&name("front-end"), true);
        template::parse(&infrastructure(&app(), &state).unwrap().template_yaml()).unwrap()
    }

    /// The same as an early Copilot has left it: its version, and a list of services by name.
    fn early() -> Value {
        let mut old = ours();
        old["Metadata"]["TemplateVersion"] = json!("v1.0.0");
        old["Metadata"]["Services"] = json!(["api", "front-end"]);
        old["Metadata"].as_object_mut().unwrap().remove("Workloads");
        old["Outputs"]["TemplateVersion"]["Value"] = json!("v1.0.0");
        old
    }

    fn set(template: &Value) -> StackSet {
        StackSet {
            name: "shop-infrastructure".into(),
            status: "ACTIVE".into(),
            description: String::new(),
            template: template.to_string(),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            admin_role_arn: "arn:aws:iam::123456789012:role/shop-adminrole".into(),
            execution_role: "shop-executionrole".into(),
        }
    }

    fn stack_id(region: &str) -> String {
        format!("arn:aws:cloudformation:{region}:123456789012:stack/StackSet-shop-infrastructure-1/1")
    }

    fn instance(region: &str, status: &str) -> Instance {
        Instance {
            account: "123456789012".into(),
            region: region.into(),
            stack_id: stack_id(region),
            status: status.into(),
            reason: String::new(),
        }
    }

    fn behind(region: &str, template: &Value) -> Lagging {
        Lagging { region: region.into(), stack_id: stack_id(region), template: template.to_string() }
    }

    /// A change of a StackSet that is in two regions.
    fn ahead(template: &Value, change: StateChange<'_>) -> Option<Ahead> {
        let instances = [instance("eu-west-1", "CURRENT"), instance("us-east-1", "CURRENT")];
        of_set(&app(), (&set(template), &instances, &[]), change).unwrap()
    }

    fn refusals(ahead: Option<Ahead>) -> Vec<String> {
        ahead.unwrap().upgrade.problems.into_iter().map(|problem| problem.what).collect()
    }

    #[test]
    fn early_lists_are_upgraded_and_keep_everything() {
        let ahead = ahead(&early(), StateChange::Upgrade).unwrap();
        let upgrade = &ahead.upgrade;
        assert_eq!((upgrade.template_version.as_str(), upgrade.to.as_str()), ("v1.0.0", TEMPLATE_VERSION));
        assert_eq!(upgrade.problems, []);
        let [all] = upgrade.stacks.as_slice() else { panic!("{:?}", upgrade.stacks) };
        assert_eq!(all.regions, ["eu-west-1", "us-east-1"]);
        assert_eq!(all.renewal.comparison.with(Verdict::Kept).count(), 5, "{all:?}");
        assert_eq!(all.renewal.comparison.resources.len(), 5);
        let next = ahead.admitted(&set(&early())).unwrap().unwrap();
        assert!(next.template.contains("Name: front-end"), "{}", next.template);
    }

    #[test]
    fn the_applications_tags_come_back_and_others_stay() {
        let mut app = app();
        app.tags.insert("team".into(), "orders".into());
        let mut set = set(&early());
        set.tags = [("copilot-application", "shop"), ("team", "old"), ("own", "1")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        let found = of_set(&app, (&set, &[], &[]), StateChange::Upgrade).unwrap().unwrap();
        let tags = found.admitted(&set).unwrap().unwrap().tags;
        let tags: Vec<(&str, &str)> =
            tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(tags, [("copilot-application", "shop"), ("own", "1"), ("team", "orders")]);
    }

    #[test]
    fn what_is_as_it_should_be_is_left() {
        assert!(ahead(&ours(), StateChange::Upgrade).is_none());
        assert!(ahead(&ours(), StateChange::AddAccount("444455556666")).is_none());
        assert_eq!(refusals(ahead(&ours(), StateChange::Anew)), Vec::<String>::new());
    }

    /// A list that does not say all that there is: each repository, and what the accounts may do, hangs on it.
    #[test]
    fn what_the_metadata_does_not_hold_would_be_lost() {
        let mut old = early();
        old["Metadata"]["Services"] = json!(["api"]);
        old["Metadata"]["Accounts"] = json!(["123456789012"]);
        let lost = "ECRRepofrontDASHend (AWS::ECR::Repository) of shop-infrastructure would be lost";
        let account = "the account 444455556666 could no longer use what shop-infrastructure holds";
        let found = ahead(&old, StateChange::Upgrade).unwrap();
        let nexts: Vec<&str> = found.upgrade.problems.iter().map(|problem| problem.next.as_str()).collect();
        assert_eq!(
            nexts,
            [
                "If front-end is still used, enter `front-end` under `Services` in its metadata by hand.",
                "Enter 444455556666 under `Accounts` in its metadata by hand, or take it out of its policies.",
            ]
        );
        match found.admitted(&set(&old)) {
            Err(Error::WouldLose { what, problems, by_hand }) => {
                assert_eq!((what.as_str(), problems.len()), ("the StackSet shop-infrastructure", 2));
                assert!(by_hand.contains("--execution-role-name shop-executionrole"), "{by_hand}");
            }
            other => panic!("{other:?}"),
        }
        // Whatever else is changed renders the template anew, too.
        let (web, front) = (name("web"), name("front-end"));
        for change in [
            StateChange::Anew,
            StateChange::AddAccount("777788889999"),
            StateChange::AddWorkload { name: &web, images: true },
        ] {
            assert_eq!(refusals(ahead(&old, change)), [lost, account], "{change:?}");
        }
        let mut listed = old.clone();
        listed["Metadata"]["Workloads"] = json!([{"Name": "api", "WithECR": true}]);
        let next = &ahead(&listed, StateChange::Upgrade).unwrap().upgrade.problems[0].next;
        assert!(next.contains("`{Name: front-end, WithECR: true}` under `Workloads`"), "{next}");
        // Registering what is missing brings it back into the list.
        let back = StateChange::AddWorkload { name: &front, images: true };
        assert_eq!(refusals(ahead(&old, back)), [account]);
        let let_in = StateChange::AddAccount("444455556666");
        assert_eq!(refusals(ahead(&old, let_in)), [lost]);
    }

    #[test]
    fn what_was_asked_for_is_no_loss() {
        let api = name("api");
        assert_eq!(refusals(ahead(&early(), StateChange::RemoveWorkload(&api))), Vec::<String>::new());
        assert_eq!(
            refusals(ahead(&early(), StateChange::RemoveAccount("444455556666"))),
            Vec::<String>::new()
        );
        assert!(ahead(&ours(), StateChange::RemoveWorkload(&name("other"))).is_none());
    }

    #[test]
    fn what_somebody_put_into_the_template_would_be_lost() {
        let mut old = early();
        old["Resources"]["Logs"] = json!({"Type": "AWS::S3::Bucket"});
        old["Resources"]["ECRRepoapi"]["Properties"]["EncryptionConfiguration"] =
            json!({"EncryptionType": "KMS"});
        old["Resources"]["KMSKey"]["Type"] = json!("AWS::KMS::ReplicaKey");
        old["Outputs"]["KMSKeyARN"]["Export"]["Name"] = json!("shop-Key");
        assert_eq!(
            refusals(ahead(&old, StateChange::Upgrade)),
            [
                "Logs (AWS::S3::Bucket) of shop-infrastructure would be lost",
                "ECRRepoapi (AWS::ECR::Repository) of shop-infrastructure would be replaced, as EncryptionConfiguration would change",
                "KMSKey of shop-infrastructure would become AWS::KMS::Key instead of AWS::KMS::ReplicaKey",
                "the export shop-Key would be gone",
            ]
        );
    }

    #[test]
    fn metadata_that_is_not_understood_is_a_refusal() {
        let mut old = early();
        old["Metadata"]["Topics"] = json!(["orders"]);
        old["Metadata"]["Version"] = json!("many");
        assert_eq!(
            refusals(ahead(&old, StateChange::Upgrade)),
            [
                "Metadata.Topics in the template of shop-infrastructure is unknown to this version",
                "Metadata.Version in the template of shop-infrastructure is no number",
            ]
        );
        let mut newer = ours();
        newer["Metadata"]["TemplateVersion"] = json!("v9.1.0");
        let said = ["shop-infrastructure was deployed by a newer version (v9.1.0)"];
        assert_eq!(refusals(ahead(&newer, StateChange::Upgrade)), said);
        // Whoever goes over a newer one on purpose is not held up by that alone.
        let api = name("more");
        let more = StateChange::AddWorkload { name: &api, images: true };
        assert_eq!(refusals(ahead(&newer, more)), Vec::<String>::new());
    }

    #[test]
    fn a_template_that_can_not_be_read_is_a_refusal() {
        let broken = StackSet { template: "Metadata: {".into(), ..set(&ours()) };
        let found = of_set(&app(), (&broken, &[], &[]), StateChange::Upgrade).unwrap().unwrap();
        assert!(found.upgrade.problems[0].what.contains("can't be read"), "{:?}", found.upgrade);
        assert!(matches!(found.admitted(&broken), Err(Error::WouldLose { .. })));
    }

    #[test]
    fn a_template_without_metadata_and_without_repositories_is_upgraded() {
        let mut old = ours();
        old.as_object_mut().unwrap().remove("Metadata");
        let resources = old["Resources"].as_object_mut().unwrap();
        resources.retain(|id, _| !id.starts_with("ECRRepo"));
        for (id, policy) in [("KMSKey", "KeyPolicy"), ("PipelineBuiltArtifactBucketPolicy", "PolicyDocument")]
        {
            resources[id]["Properties"][policy] = json!({});
        }
        let found = ahead(&old, StateChange::Upgrade).unwrap();
        assert_eq!((found.upgrade.template_version.as_str(), found.upgrade.problems.len()), ("v0.0.0", 0));
    }

    /// A region in which a change failed holds what the StackSet's template has no more, or not yet.
    #[test]
    fn a_region_that_lags_behind_is_judged_by_itself() {
        let api = name("api");
        let mut wanted = ours();
        wanted["Metadata"]["Workloads"] = json!([{"Name": "front-end", "WithECR": true}]);
        wanted["Resources"].as_object_mut().unwrap().remove("ECRRepoapi");
        wanted["Outputs"].as_object_mut().unwrap().remove("ECRRepoapi");
        let instances = [instance("eu-west-1", "CURRENT"), instance("us-east-1", "OUTDATED")];
        let lagging = [behind("us-east-1", &ours())];
        let laid = |change| of_set(&app(), (&set(&wanted), &instances, &lagging), change).unwrap();
        let again = laid(StateChange::Upgrade).unwrap();
        assert_eq!(again.upgrade.to, TEMPLATE_VERSION);
        let places: Vec<String> = again.upgrade.stacks.iter().map(Renewed::place).collect();
        assert_eq!(places, ["shop-infrastructure in eu-west-1", "shop-infrastructure in us-east-1"]);
        let problem = &again.upgrade.problems[0];
        assert_eq!(
            problem.what,
            "ECRRepoapi (AWS::ECR::Repository) of shop-infrastructure in us-east-1 would be lost"
        );
        assert_eq!(
            problem.next,
            "Its deletion did not come to its end: run `wharf svc delete --name api` again."
        );
        // Which brings the same template there, and loses what it was asked to.
        let finished = laid(StateChange::RemoveWorkload(&api)).unwrap();
        assert_eq!(finished.upgrade.problems, []);
        let next = finished.admitted(&set(&wanted)).unwrap().unwrap();
        assert_eq!(next.template, set(&wanted).template);
        // An instance that never came to life has nothing to lose, and one that can't be changed is not changed.
        let others = [
            Instance { stack_id: String::new(), ..instance("eu-west-1", "OUTDATED") },
            instance("us-east-1", "INOPERABLE"),
        ];
        assert!(of_set(&app(), (&set(&ours()), &others, &[]), StateChange::Upgrade).unwrap().is_none());
    }

    fn roles(template: &Value, tags: &[(&str, &str)]) -> Deployed {
        let wanted = stack::app::roles(&app(), None, None).unwrap();
        Deployed {
            stack: cloudformation::Stack {
                name: wanted.name,
                id: "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop-infrastructure-roles/1".into(),
                status: "UPDATE_ROLLBACK_COMPLETE".into(),
                parameters: wanted.parameters,
                tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
                reason: String::new(),
                outputs: BTreeMap::new(),
                role_arn: String::new(),
                created: 0,
                updated: None,
                express: false,
                protected: false,
                parent_id: String::new(),
            },
            text: template.to_string(),
            document: template.clone(),
        }
    }

    #[test]
    fn the_stack_of_roles_is_judged_the_same_way() {
        let wanted = stack::app::roles(&app(), None, None).unwrap();
        let ours = template::parse(&wanted.template_yaml()).unwrap();
        let tags = [("copilot-application", "shop")];
        assert_eq!(of_roles(&app(), Some(&roles(&ours, &tags))).unwrap().1, None);
        assert_eq!(of_roles(&app(), None).unwrap().1, None);
        let other = of_roles(&app(), Some(&roles(&ours, &[]))).unwrap().1.unwrap();
        assert_eq!((other.problems.len(), other.stacks[0].renewal.is_safe()), (0, true));

        let mut old = ours.clone();
        old["Metadata"]["TemplateVersion"] = json!("v1.0.2");
        old["Outputs"]["TemplateVersion"]["Value"] = json!("v1.0.2");
        old["Resources"]["AdministrationRole"]["Properties"]["MaxSessionDuration"] = json!(7200);
        let due = of_roles(&app(), Some(&roles(&old, &tags))).unwrap().1.unwrap();
        assert_eq!((due.template_version.as_str(), due.problems.len()), ("v1.0.2", 0));
        let changed: Vec<&Fate> = due.stacks[0].renewal.comparison.with(Verdict::Changed).collect();
        assert_eq!(changed[0].properties, ["MaxSessionDuration"]);

        old["Resources"]["ExecutionRole"]["Properties"]["Path"] = json!("/copilot/");
        old["Resources"]["Zone"] =
            json!({"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "a.example"}});
        let refused = of_roles(&app(), Some(&roles(&old, &tags))).unwrap().1.unwrap();
        let said: Vec<&str> = refused.problems.iter().map(|problem| problem.what.as_str()).collect();
        assert_eq!(
            said,
            [
                "Zone (AWS::Route53::HostedZone) of shop-infrastructure-roles would be lost",
                "ExecutionRole (AWS::IAM::Role) of shop-infrastructure-roles would be replaced, as Path would change",
            ]
        );
        assert!(matches!(gate("shop-infrastructure-roles", Some(&refused)), Err(Error::WouldLose { .. })));
        let unread = of_deployed_roles(&app(), &roles(&old, &tags).stack, "Resources: [").unwrap().unwrap();
        assert!(unread.is_refused());
    }
}
