//! What a deletion keeps: databases, tables, buckets and whatever else nobody can make again, unless it is told to delete them.
//!
//! Copilot's addons put data into a stack nested in a service's or an environment's. CloudFormation deletes that with its
//! parent, so before anything goes [`secure`] gives the nested stack a policy by which it stays, as a stack of its own. It is
//! found again by its tags ([`left`]), and goes with a later deletion that is told so, or with CloudFormation's own means.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::doctor::is_at_rest;
use super::owner::Owner;
use super::stacks::{self, Target};
use super::{Error, Result, Session};
use crate::aws::cloudformation::Stack;
use crate::aws::{Connection, Kind};
use crate::name::EnvName;
use crate::store::Environment;
use crate::takeover::{data, machinery, retain};
use crate::yaml::template;

/// What becomes of data when what it belongs to is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// It stays.
    Keep,
    /// It goes, too.
    Delete,
}

/// A resource with data in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Holding {
    /// Its type, such as `AWS::DynamoDB::Table`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its physical id, such as a bucket's name.
    pub id: String,
    /// The stack that it belongs to; empty when it will belong to none.
    pub stack: String,
    /// Its region.
    pub region: String,
    /// Whether its template keeps it, whatever a deletion is told.
    #[serde(skip)]
    pub stays: bool,
}

impl Holding {
    /// The resource for people, such as `DynamoDB::Table shop-test-orders`.
    fn shown(&self) -> String {
        format!("{} {}", self.kind.strip_prefix("AWS::").unwrap_or(&self.kind), self.id)
    }
}

/// The data of a stack and of those nested in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The resources that hold it.
    pub holdings: Vec<Holding>,
    /// Logical ids, in the stack itself, of what must be kept so that it stays.
    keep: BTreeSet<String>,
    /// Types of Copilot's custom resources in the stack itself, by logical id.
    machinery: BTreeMap<String, String>,
    /// Nested stacks with data that stand in the environment's network.
    pub in_network: Vec<String>,
    /// Nested stacks with data, by name.
    nested: Vec<String>,
}

impl Found {
    /// Whether a stack lives on that was made by the environment's role and can't be deleted without it.
    pub fn has_stacks(&self) -> bool {
        !self.nested.is_empty()
    }

    /// Adds what was found elsewhere.
    pub fn extend(&mut self, other: Self) {
        self.holdings.extend(other.holdings);
        self.in_network.extend(other.in_network);
        self.nested.extend(other.nested);
    }

    /// Lines for a preview, `data: DynamoDB::Table shop-test-orders` each: what goes and what stays.
    pub fn lines(&self, choice: Data) -> (Vec<String>, Vec<String>) {
        let line = |holding: &Holding| format!("data: {}", holding.shown());
        let (stays, goes): (Vec<&Holding>, Vec<&Holding>) =
            self.holdings.iter().partition(|holding| choice == Data::Keep || holding.stays);
        (goes.into_iter().map(line).collect(), stays.into_iter().map(line).collect())
    }

    /// What is left and how to delete it, a sentence for each stack.
    pub fn sentences(&self) -> Vec<String> {
        let mut stacks: Vec<(&str, &str)> =
            self.holdings.iter().map(|holding| (holding.stack.as_str(), holding.region.as_str())).collect();
        stacks.sort_unstable();
        stacks.dedup();
        let sentence = |(stack, region): (&str, &str)| {
            let of =
                self.holdings.iter().filter(|holding| holding.stack == stack && holding.region == region);
            let of: Vec<String> = of.map(Holding::shown).collect();
            let of = of.join(", ");
            match stack {
                "" => format!("Data stays in {region}, in no stack any more: {of}."),
                stack => format!(
                    "Data stays in {region}: {of}. Empty its buckets and run `aws cloudformation delete-stack --stack-name \
                     {stack} --region {region}` to delete it."
                ),
            }
        };
        stacks.into_iter().map(sentence).collect()
    }
}

/// The same as [`find`], of a stack in an environment.
///
/// # Errors
/// [`Error::NamesUnsafe`] when functions of Copilot's look after names of the stack and nobody could take their place, as the
/// environment is Copilot's, too: its role may not; whatever AWS reports.
pub(super) async fn find_in(
    connection: &Connection,
    record: &Environment,
    owner: &Owner<'_>,
) -> Result<Found> {
    let found = find(connection, owner).await?;
    if !found.machinery.values().any(|kind| machinery::makes_names(kind)) {
        return Ok(found);
    }
    let environment = Owner::environment(&record.app, &record.name);
    let Some(text) = connection.cloudformation().template(&environment.stack()).await? else {
        return Ok(found);
    };
    if stacks::version_of(&text).is_some_and(|version| stacks::is_ours(&version)) {
        return Ok(found);
    }
    Err(Error::NamesUnsafe { stack: owner.stack(), env: record.name.clone() })
}

/// The data in the stack of `owner`; none when there is no stack, or none that ever came to life.
pub(super) async fn find(connection: &Connection, owner: &Owner<'_>) -> Result<Found> {
    let door = connection.cloudformation();
    let Some(stack) = owner.find(connection).await? else { return Ok(Found::default()) };
    if stacks::is_leftover(&stack.status) {
        return Ok(Found::default());
    }
    let region = connection.region_name().await?;
    let document =
        template::parse(&door.template(&stack.name).await?.unwrap_or_default()).unwrap_or_default();
    let mut found = Found::default();
    for resource in door.resources(&stack.id).await?.unwrap_or_default() {
        if resource.physical_id.is_empty() || resource.status == "DELETE_COMPLETE" {
            continue;
        }
        if resource.resource_type == data::NESTED {
            let nested = in_nested(connection, &resource.physical_id).await?;
            if !nested.nested.is_empty() {
                found.keep.insert(resource.logical_id);
            }
            found.extend(nested);
        } else if machinery::is_of_copilot(&resource.resource_type) {
            found.machinery.insert(resource.logical_id, resource.resource_type);
        } else if data::is_data(&resource.resource_type)
            && !data::is_own_bucket(&resource.logical_id, &resource.resource_type)
        {
            found.holdings.push(Holding {
                kind: resource.resource_type,
                id: resource.physical_id,
                stack: String::new(),
                region: region.clone(),
                stays: data::stays(&document["Resources"][&resource.logical_id]),
            });
            found.keep.insert(resource.logical_id);
        }
    }
    Ok(found)
}

/// The data of a nested stack, and of those nested in it: it stays with the outermost.
async fn in_nested(connection: &Connection, arn: &str) -> Result<Found> {
    let name = arn.split('/').nth(1).unwrap_or(arn).to_owned();
    let region = connection.region_name().await?;
    let door = connection.cloudformation();
    let mut found = Found::default();
    let (mut next, mut network) = (vec![arn.to_owned()], false);
    while let Some(stack) = next.pop() {
        let text = door.template(&stack).await?.unwrap_or_default();
        let document = template::parse(&text).unwrap_or_default();
        for resource in door.resources(&stack).await?.unwrap_or_default() {
            let kind = resource.resource_type.as_str();
            network |= data::is_in_network(kind);
            if resource.physical_id.is_empty() || resource.status == "DELETE_COMPLETE" {
                continue;
            }
            if kind == data::NESTED {
                next.push(resource.physical_id.clone());
            } else if data::is_data(kind) {
                let stays = data::stays(&document["Resources"][&resource.logical_id]);
                found.holdings.push(Holding {
                    kind: kind.to_owned(),
                    id: resource.physical_id,
                    stack: if stays { String::new() } else { name.clone() },
                    region: region.clone(),
                    stays,
                });
            }
        }
    }
    // What has policies of its own needs no stack to stay.
    if found.holdings.iter().any(|holding| !holding.stack.is_empty()) {
        found.holdings.iter_mut().for_each(|holding| holding.stack.clone_from(&name));
        found.nested.push(name.clone());
    }
    if network && !found.holdings.is_empty() {
        found.in_network.push(name);
    }
    Ok(found)
}

/// Sees to it that a stack's deletion leaves what it must: its data, where that is kept, and what Copilot's custom resources
/// made. Their delete handlers change an environment that others use, and take away records and certificates that may be
/// somebody else's by now: wharf takes away what is the stack's own. What is to stay gets a policy, nothing else changes.
/// A stack whose deletion has failed can't be changed: returns the logical ids that its next deletion has to leave.
///
/// # Errors
/// The stack is in a state in which it can't be changed; whatever AWS reports.
pub(super) async fn secure(
    session: &Session,
    connection: &Connection,
    name: &str,
    (found, choice): (&Found, Data),
    target: &Target<'_>,
) -> Result<Vec<String>> {
    let none = BTreeSet::new();
    let data = if choice == Data::Keep { &found.keep } else { &none };
    if data.is_empty() && found.machinery.is_empty() {
        return Ok(vec![]);
    }
    loop {
        let Some(stack) = stacks::settled(session, connection, name).await? else { return Ok(vec![]) };
        let text = connection.cloudformation().template(name).await?.unwrap_or_default();
        let bad = |message: String| Error::BadTemplate { stack: name.to_owned(), message };
        let document = template::parse(&text).map_err(|error| bad(error.to_string()))?;
        let mut keep = data::with_what_it_leans_on(&document, data);
        keep.extend(found.machinery.keys().cloned());
        if keep.iter().all(|id| data::stays(&document["Resources"][id])) {
            return Ok(vec![]);
        }
        if stack.status == "DELETE_FAILED" {
            return Ok(keep.into_iter().collect());
        }
        if !is_at_rest(&stack.status) {
            let (stack, status) = (name.to_owned(), stack.status);
            return Err(match data.is_empty() {
                true => Error::HandlersUnsafe { stack, status },
                false => Error::DataUnsafe { stack, status },
            });
        }
        let text = retain::retained_where(&text, &|id, _| keep.contains(id))
            .map_err(|error| bad(error.to_string()))?;
        let what = match (data.is_empty(), found.machinery.is_empty()) {
            (false, true) => "its data",
            (true, _) => "what Copilot's custom resources made",
            (false, false) => "its data, and what Copilot's custom resources made",
        };
        let title = format!("{}: keep {what}", target.title);
        if stacks::replace_template(session, connection, &stack, text, &title, target).await? {
            return Ok(vec![]);
        }
    }
}

/// Empties the buckets with data, so that CloudFormation can delete them.
///
/// # Errors
/// Whatever AWS reports.
pub(super) async fn empty(session: &Session, manager: &Connection, found: &Found) -> Result<()> {
    for holding in found.holdings.iter().filter(|holding| holding.kind == "AWS::S3::Bucket") {
        session.check_interrupt()?;
        session
            .work(&format!("Empty the bucket {}", holding.id), empty_bucket(session, manager, &holding.id))
            .await?;
    }
    Ok(())
}

/// Empties a bucket with the environment's role, which Copilot gave no right to buckets of addons, else with one's own.
pub(super) async fn empty_bucket(session: &Session, manager: &Connection, bucket: &str) -> Result<()> {
    match manager.s3().empty(bucket).await {
        Err(error) if matches!(error.kind, Kind::AccessDenied(_)) => {
            let Some(own) = own(session, manager).await? else { return Err(error.into()) };
            own.s3().empty(bucket).await?;
            Ok(())
        }
        result => result.map(drop).map_err(Error::from),
    }
}

/// The user's own credentials in an environment's region; `None` where they are of another account.
pub(super) async fn own(session: &Session, manager: &Connection) -> Result<Option<Connection>> {
    let own = session.aws().await.region(&manager.region_name().await?);
    let same = own.sts().caller_identity().await?.account == manager.sts().caller_identity().await?.account;
    Ok(same.then_some(own))
}

/// Stacks with data that earlier deletions left in an environment: nested ones whose parent is gone. With `workload`, that
/// one's only.
///
/// # Errors
/// Whatever AWS reports.
pub(super) async fn left(
    manager: &Connection,
    record: &Environment,
    workload: Option<&str>,
) -> Result<Vec<Stack>> {
    let mut stacks = manager.cloudformation().stacks().await?;
    stacks.retain(|stack| stack.status != "DELETE_COMPLETE");
    let there: BTreeSet<String> = stacks.iter().map(|stack| stack.id.clone()).collect();
    stacks.retain(|stack| {
        let tag = |key: &str| stack.tags.get(key).map(String::as_str);
        !stack.parent_id.is_empty()
            && !there.contains(&stack.parent_id)
            && tag("copilot-application") == Some(record.app.as_str())
            && tag("copilot-environment") == Some(record.name.as_str())
            && (workload.is_none() || tag("copilot-service") == workload)
    });
    Ok(stacks)
}

/// The data in stacks that earlier deletions left.
///
/// # Errors
/// Whatever AWS reports.
pub(super) async fn in_left(
    manager: &Connection,
    record: &Environment,
    workload: Option<&str>,
) -> Result<Found> {
    let mut found = Found::default();
    for stack in left(manager, record, workload).await? {
        found.extend(in_nested(manager, &stack.id).await?);
    }
    Ok(found)
}

/// Deletes the stacks that earlier deletions left, with their data.
///
/// # Errors
/// A resource can't be deleted; whatever AWS reports.
pub(super) async fn delete_left(
    session: &Session,
    manager: &Connection,
    record: &Environment,
    workload: Option<&str>,
) -> Result<()> {
    for stack in left(manager, record, workload).await? {
        empty(session, manager, &in_nested(manager, &stack.id).await?).await?;
        let title = format!("data that was left in {}", record.name);
        let target = Target { role_arn: Some(&record.execution_role_arn), ..Target::new(&title) };
        stacks::delete(session, manager, &stack.id, &target).await?;
    }
    Ok(())
}

/// The data of an environment itself: of its own stack and of what earlier deletions left.
///
/// # Errors
/// Whatever AWS reports.
pub(super) async fn of_environment(manager: &Connection, record: &Environment) -> Result<Found> {
    let mut found = find_in(manager, record, &Owner::environment(&record.app, &record.name)).await?;
    found.extend(in_left(manager, record, None).await?);
    Ok(found)
}

/// Refuses to delete a network in which kept data stands.
///
/// # Errors
/// [`Error::DataInNetwork`].
pub(super) fn refuse_in_network(env: &EnvName, found: &Found, choice: Data) -> Result<()> {
    if choice == Data::Delete || found.in_network.is_empty() {
        return Ok(());
    }
    Err(Error::DataInNetwork { env: env.clone(), stacks: found.in_network.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(kind: &str, id: &str, stack: &str) -> Holding {
        Holding {
            kind: kind.into(),
            id: id.into(),
            stack: stack.into(),
            region: "eu-west-1".into(),
            stays: id == "fs-1",
        }
    }

    #[test]
    fn what_is_left_is_told_stack_by_stack() {
        let found = Found {
            holdings: vec![
                holding("AWS::DynamoDB::Table", "orders", "shop-test-api-AddonsStack-1"),
                holding("AWS::EFS::FileSystem", "fs-1", ""),
                holding("AWS::S3::Bucket", "uploads", "shop-test-api-AddonsStack-1"),
            ],
            ..Found::default()
        };
        insta::assert_snapshot!(found.sentences().join("\n"), @r"
        Data stays in eu-west-1, in no stack any more: EFS::FileSystem fs-1.
        Data stays in eu-west-1: DynamoDB::Table orders, S3::Bucket uploads. Empty its buckets and run `aws cloudformation delete-stack --stack-name shop-test-api-AddonsStack-1 --region eu-west-1` to delete it.
        ");
        let (goes, stays) = found.lines(Data::Delete);
        assert_eq!(goes, ["data: DynamoDB::Table orders", "data: S3::Bucket uploads"]);
        assert_eq!(stays, ["data: EFS::FileSystem fs-1"]);
        assert_eq!(found.lines(Data::Keep).1.len(), 3);
    }
}
