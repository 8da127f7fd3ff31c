//! What a new service is: its name, type, image and port.

use std::path::PathBuf;

use super::ask::typed;
use super::context::Context;
use super::failure::Failure;
use super::global;
use crate::name::WorkloadName;
use crate::ops::service::{
    Image, Init, Kind, Noun, Topic, Trigger, check_trigger, exposed_ports, kind_of, manifest_path,
    source_paths,
};
use crate::ui::{Choice, Question};

type Result<T> = std::result::Result<T, Failure>;

/// What flags say of a new service.
#[derive(Debug, Default)]
pub struct ServiceAnswers {
    /// Its name.
    pub name: Option<WorkloadName>,
    /// Its type.
    pub kind: Option<String>,
    /// Its Dockerfile, relative to the working directory.
    pub dockerfile: Option<PathBuf>,
    /// Its image, if it exists.
    pub image: Option<String>,
    /// The port its container listens on.
    pub port: Option<u16>,
    /// Topics it subscribes to.
    pub topics: Vec<Topic>,
    /// Who reaches a Request-Driven Web Service.
    pub ingress: Option<Ingress>,
    /// Files and directories of a site, relative to the working directory.
    pub sources: Vec<PathBuf>,
    /// When it runs, if it is a job.
    pub trigger: Option<global::Trigger>,
    /// The sort it must be of; none: any.
    pub noun: Option<Noun>,
    /// The flag that gives the type.
    pub kind_flag: &'static str,
}

/// Who reaches a Request-Driven Web Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ingress {
    /// Everybody.
    Internet,
    /// The environment's network.
    Environment,
}

impl std::str::FromStr for Ingress {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let known = INGRESS.iter().find(|(_, name, _)| name.eq_ignore_ascii_case(text));
        known.map(|(ingress, ..)| *ingress).ok_or_else(|| "it is Internet or Environment".to_owned())
    }
}

/// Who may reach a Request-Driven Web Service, with what that means.
const INGRESS: [(Ingress, &str, &str); 2] = [
    (Ingress::Internet, "Internet", "everybody reaches it"),
    (Ingress::Environment, "Environment", "only the environment's network reaches it"),
];

/// Types that can be made, with what they are.
const KINDS: [(Kind, &str); 6] = [
    (Kind::LoadBalancedWeb, "reached from the internet through a load balancer"),
    (Kind::Backend, "reached by other services of the environment"),
    (Kind::RequestDriven, "reached through App Runner, which takes no new customers any more"),
    (Kind::Worker, "works off messages from a queue"),
    (Kind::ScheduledJob, "runs at times, then ends"),
    (Kind::StaticSite, "files, served by CloudFront"),
];

/// Fills in what is missing: from the manifest that is there, from the Dockerfile, or by asking.
pub fn service_init(cx: &Context, given: ServiceAnswers) -> Result<Init> {
    // A name whose manifest is there answers everything else.
    if let Some(name) = &given.name
        && let Some(kind) = kind_of(&cx.session, name)?
    {
        if let Some(noun) = given.noun.filter(|noun| Noun::of(kind.as_str()) != *noun) {
            let (kind, noun) = (kind.as_str(), noun.as_str());
            return Err(Failure::user(format!("{name} has the manifest of a {kind}, which is no {noun}")));
        }
        cx.ui.note(&format!("{name} has a manifest: it is registered as it stands there"));
        let image = Image::Manifest;
        return Ok(Init {
            name: name.clone(),
            kind,
            image,
            port: None,
            topics: vec![],
            trigger: None,
            private: false,
        });
    }
    let kind = match &given.kind {
        Some(text) => parse_kind(text, given.noun, given.kind_flag)?,
        None => ask_kind(cx, given.noun, given.kind_flag)?,
    };
    if kind != Kind::Worker && !given.topics.is_empty() {
        return Err(Failure::user(format!("a {} does not subscribe to topics", kind.as_str()))
            .next("Leave --subscribe-topics out, or make it a Worker Service."));
    }
    if kind == Kind::StaticSite {
        return site(cx, given);
    }
    if !given.sources.is_empty() {
        return Err(Failure::user(format!("a {} has no --sources", kind.as_str()))
            .next("Leave --sources out, or make it a Static Site."));
    }
    let private = ingress(cx, kind, given.ingress)? == Ingress::Environment;
    let job = kind == Kind::ScheduledJob;
    if !job && let Some(flag) = given.trigger.as_ref().and_then(given_flag) {
        return Err(Failure::user(format!("a {} runs all the time", kind.as_str()))
            .next(format!("Leave {flag} out, or make it a Scheduled Job.")));
    }
    let image = match (given.dockerfile, given.image) {
        (Some(path), _) => Image::Dockerfile(manifest_path(&cx.session, &path)?),
        (None, Some(address)) => Image::Location(address),
        (None, None) => ask_image(cx)?,
    };
    let name = match given.name {
        Some(name) => name,
        None => ask_name(cx, job, proposed_name(&image).as_deref())?,
    };
    let port = match given.port {
        Some(port) => Some(port),
        None => port(cx, kind, &image)?,
    };
    let trigger = if job { Some(trigger(cx, given.trigger.unwrap_or_default())?) } else { None };
    Ok(Init { name, kind, image, port, topics: given.topics, trigger, private })
}

/// A new site: its files and its name.
fn site(cx: &Context, given: ServiceAnswers) -> Result<Init> {
    if given.dockerfile.is_some() || given.image.is_some() || given.port.is_some() {
        return Err(Failure::user("a Static Site has no image and no port")
            .next("Leave --dockerfile, --image and --port out; --sources names its files."));
    }
    if let Some(flag) = given.trigger.as_ref().and_then(given_flag) {
        return Err(Failure::user("a Static Site is there all the time")
            .next(format!("Leave {flag} out, or make it a Scheduled Job.")));
    }
    let image = Image::Sources(source_paths(&cx.session, &given.sources)?);
    let name = match given.name {
        Some(name) => name,
        None => ask_name(cx, false, None)?,
    };
    Ok(Init {
        name,
        kind: Kind::StaticSite,
        image,
        port: None,
        topics: vec![],
        trigger: None,
        private: false,
    })
}

fn ask_name(cx: &Context, job: bool, proposal: Option<&str>) -> Result<WorkloadName> {
    let text = if job { "What is the job called?" } else { "What is the service called?" };
    typed(cx, Question { text, flag: "--name", help: "" }, proposal)
}

/// The flag of a trigger that was given.
fn given_flag(trigger: &global::Trigger) -> Option<&'static str> {
    let flags = [
        ("--schedule", trigger.schedule.is_some()),
        ("--timeout", trigger.timeout.is_some()),
        ("--retries", trigger.retries.is_some()),
    ];
    flags.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag)
}

/// When a new job runs: as given, or asked for.
fn trigger(cx: &Context, given: global::Trigger) -> Result<Trigger> {
    let schedule = match given.schedule {
        Some(schedule) => schedule,
        None => {
            let help =
                "In UTC: \"0 9 * * MON-FRI\", \"@daily\", \"@every 1h30m\", \"rate(10 minutes)\", or none.";
            let question = Question { text: "When does the job run?", flag: "--schedule", help };
            let check = |text: &str| {
                let trigger = Trigger { schedule: text.to_owned(), timeout: None, retries: 0 };
                check_trigger(&trigger).map_err(|error| error.to_string())
            };
            cx.ui.input(question, Some("@daily"), &check)?
        }
    };
    let trigger = Trigger { schedule, timeout: given.timeout, retries: given.retries.unwrap_or_default() };
    check_trigger(&trigger)?;
    Ok(trigger)
}

/// Types that can be made, of one sort or of any.
fn kinds(noun: Option<Noun>) -> Vec<(Kind, &'static str)> {
    let fits = |kind: Kind| noun.is_none_or(|noun| Noun::of(kind.as_str()) == noun);
    KINDS.into_iter().filter(|(kind, _)| fits(*kind)).collect()
}

fn parse_kind(text: &str, noun: Option<Noun>, flag: &str) -> Result<Kind> {
    let kinds = kinds(noun);
    if let Some((kind, _)) = kinds.iter().find(|(kind, _)| kind.as_str().eq_ignore_ascii_case(text)) {
        return Ok(*kind);
    }
    let known: Vec<String> = kinds.iter().map(|(kind, _)| format!("{:?}", kind.as_str())).collect();
    let what = noun.map_or("service or job", Noun::as_str);
    Err(Failure::user(format!("{text:?} is no type of {what} this version can make"))
        .next(format!("Give {flag} one of {}.", known.join(", "))))
}

fn ask_kind(cx: &Context, noun: Option<Noun>, flag: &str) -> Result<Kind> {
    let kinds = kinds(noun);
    if let [(only, _)] = kinds.as_slice() {
        return Ok(*only);
    }
    let choices: Vec<Choice> =
        kinds.iter().map(|(kind, what)| Choice::with_detail(kind.as_str(), *what)).collect();
    let text =
        if noun.is_some() { "What type of service is it?" } else { "What type of service or job is it?" };
    let index = cx.ui.select(Question { text, flag, help: "" }, &choices, 0)?;
    kinds.get(index).map(|(kind, _)| *kind).ok_or_else(Failure::interrupted)
}

/// Who reaches the service; asked for where App Runner decides it.
fn ingress(cx: &Context, kind: Kind, given: Option<Ingress>) -> Result<Ingress> {
    match given {
        Some(_) if kind != Kind::RequestDriven => {
            Err(Failure::user(format!("a {} has no ingress type", kind.as_str()))
                .next("Leave --ingress-type out, or make it a Request-Driven Web Service."))
        }
        Some(ingress) => Ok(ingress),
        None if kind != Kind::RequestDriven => Ok(Ingress::Internet),
        None => {
            let choices: Vec<Choice> =
                INGRESS.iter().map(|(_, name, what)| Choice::with_detail(*name, *what)).collect();
            let question = Question { text: "Who may reach the service?", flag: "--ingress-type", help: "" };
            let index = cx.ui.select(question, &choices, 0)?;
            INGRESS.get(index).map(|(ingress, ..)| *ingress).ok_or_else(Failure::interrupted)
        }
    }
}

fn ask_image(cx: &Context) -> Result<Image> {
    let found = cx.session.workspace()?.dockerfiles();
    let mut choices: Vec<Choice> = found.iter().map(Choice::new).collect();
    choices.push(Choice::with_detail("an image that exists", "such as public.ecr.aws/nginx/nginx:latest"));
    let question = Question { text: "Which Dockerfile?", flag: "--dockerfile", help: "" };
    let index = cx.ui.select(question, &choices, 0)?;
    if let Some(path) = found.get(index) {
        return Ok(Image::Dockerfile(path.clone()));
    }
    let question = Question { text: "Which image?", flag: "--image", help: "" };
    let check =
        |text: &str| if text.trim().is_empty() { Err("an address is needed".to_owned()) } else { Ok(()) };
    Ok(Image::Location(cx.ui.input(question, None, &check)?))
}

/// The folder of the Dockerfile, or the last part of the image's name, when it can be a name.
fn proposed_name(image: &Image) -> Option<String> {
    let text = match image {
        Image::Dockerfile(path) => path.rsplit('/').nth(1)?,
        Image::Location(address) => address.rsplit('/').next()?.split([':', '@']).next()?,
        Image::Manifest | Image::Sources(_) => return None,
    };
    WorkloadName::new(text).ok().map(String::from)
}

/// The only port the Dockerfile exposes, or the answer. A backend service may have none, nobody calls a worker.
fn port(cx: &Context, kind: Kind, image: &Image) -> Result<Option<u16>> {
    if matches!(kind, Kind::Worker | Kind::ScheduledJob) {
        return Ok(None);
    }
    let exposed = match image {
        Image::Dockerfile(path) => exposed_ports(&cx.session, path)?,
        _ => vec![],
    };
    if let [only] = exposed.as_slice() {
        return Ok(Some(*only));
    }
    if kind == Kind::Backend {
        return Ok(None);
    }
    let help = if exposed.len() > 1 {
        "The Dockerfile exposes several ports: others can get rules of their own."
    } else {
        ""
    };
    let proposal = exposed.first().map_or_else(|| "80".to_owned(), u16::to_string);
    let question = Question { text: "Which port does the container listen on?", flag: "--port", help };
    typed::<u16>(cx, question, Some(&proposal)).map(Some)
}
