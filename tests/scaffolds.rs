//! What `init` writes reads back without a finding (so under `--strict`, too) and means what was answered: the same as a
//! manifest that says just that.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use wharf::diagnostic::Source;
use wharf::manifest::scaffold::{self, Environment, HealthCheck, Image, Network, Service, Trigger, pipeline};
use wharf::model;
use wharf::ui::diagnostic::draw;

/// The environments that a manifest is read for: `inside` has no public subnets.
const ENVIRONMENTS: [&str; 3] = ["test", "inside", "prod"];

/// The model of a manifest for an environment, as text.
fn meaning(text: &str, env: &str) -> String {
    let source = Source { path: "manifest.yml".to_owned(), text: text.to_owned() };
    let app = "shop".parse().unwrap();
    let (model, out) = if text.contains("type: Environment") {
        let (read, out) = model::environment::read(&source, &app, &"test".parse().unwrap(), &|_| None);
        (read.map(|read| format!("{:#?}", read.model)), out)
    } else if text.contains("stages:") {
        let (read, out) = model::pipeline::read(&source, &app, "buildspec.yml");
        (read.map(|read| format!("{:#?}", read.model)), out)
    } else {
        let (read, out) = model::workload::read(&source, &app, &env.parse().unwrap(), &|_| None);
        (read.map(|read| format!("{:#?}", read.model)), out)
    };
    assert!(out.is_empty(), "{text}\n{}", draw(&source, out.items(), false));
    model.unwrap()
}

fn means(scaffold: &str, said: &str) {
    for env in ENVIRONMENTS {
        let (found, want) = (meaning(scaffold, env), meaning(said, env));
        assert!(found == want, "{env}: {scaffold}\nis not\n{said}\n{found}\n{want}");
    }
}

fn service(image: Image) -> Service {
    Service {
        name: "shop".parse().unwrap(),
        image,
        port: None,
        path: "/".to_owned(),
        platform: None,
        health_check: None,
        topics: vec![],
        private_environments: vec![],
        private: false,
    }
}

fn built() -> Service {
    service(Image::Dockerfile("./shop/Dockerfile".to_owned()))
}

fn located() -> Service {
    service(Image::Location("public.ecr.aws/acme/shop:1".to_owned()))
}

/// In an environment without public subnets.
fn inside(service: Service) -> Service {
    Service { private_environments: vec!["inside".parse().unwrap()], ..service }
}

const TASKS: &str = "cpu: 256\nmemory: 512\ncount: 1\nexec: true\n";
const PRIVATE: &str = "environments: {inside: {network: {vpc: {placement: private}}}}\n";

#[test]
fn load_balanced_web_services() {
    let web = "name: shop\ntype: Load Balanced Web Service\nnetwork: {connect: true}\n";
    let said = format!("{web}{TASKS}image: {{build: ./shop/Dockerfile, port: 80}}\nhttp: {{path: /}}\n");
    means(&scaffold::load_balanced_web_service(&built()), &said);
    means(&scaffold::load_balanced_web_service(&inside(built())), &format!("{said}{PRIVATE}"));
    let grpc = Service { port: Some(50051), path: "shop".to_owned(), ..located() };
    means(
        &scaffold::load_balanced_web_service(&grpc),
        &format!(
            "{web}{TASKS}image: {{location: 'public.ecr.aws/acme/shop:1', port: 50051}}\nhttp: {{path: shop, version: grpc}}\n"
        ),
    );
    let windows = Service { platform: Some("windows/x86_64".to_owned()), ..built() };
    means(
        &scaffold::load_balanced_web_service(&windows),
        "name: shop\ntype: Load Balanced Web Service\nimage: {build: ./shop/Dockerfile, port: 80}\nhttp: {path: /}\n\
         platform: windows/x86_64\ncpu: 1024\nmemory: 2048\ncount: 1\n",
    );
}

#[test]
fn backend_services() {
    let plain = format!("name: shop\ntype: Backend Service\n{TASKS}image: {{build: ./shop/Dockerfile}}\n");
    means(&scaffold::backend_service(&built()), &plain);
    means(&scaffold::backend_service(&inside(built())), &format!("{plain}{PRIVATE}"));
    let check = HealthCheck {
        command: vec!["CMD-SHELL".to_owned(), "curl -f \"http://localhost:8080\" || exit 1".to_owned()],
        interval: 6,
        retries: 1,
        timeout: 20,
        start_period: 15,
    };
    let checked = Service {
        port: Some(8080),
        health_check: Some(check),
        platform: Some("linux/arm64".to_owned()),
        ..located()
    };
    means(
        &scaffold::backend_service(&checked),
        &format!(
            "name: shop\ntype: Backend Service\nplatform: linux/arm64\nnetwork: {{connect: true}}\n{TASKS}image:\n  \
             location: public.ecr.aws/acme/shop:1\n  port: 8080\n  healthcheck:\n    command: ['CMD-SHELL', 'curl -f \
             \"http://localhost:8080\" || exit 1']\n    interval: 6s\n    retries: 1\n    timeout: 20s\n    start_period: 15s\n"
        ),
    );
}

#[test]
fn checks_of_dockerfiles_fit_what_ecs_takes() {
    for (given, want) in [
        ((1, 0, 0, 0), "interval: 5s\n    retries: 1\n    timeout: 2s\n    start_period: 0s"),
        ((3600, 99, 900, 900), "interval: 300s\n    retries: 10\n    timeout: 60s\n    start_period: 300s"),
    ] {
        let (interval, retries, timeout, start_period) = given;
        let command = vec!["CMD".to_owned(), "/check".to_owned()];
        let check = HealthCheck { command, interval, retries, timeout, start_period };
        let checked = Service { health_check: Some(check), ..built() };
        means(
            &scaffold::backend_service(&checked),
            &format!(
                "name: shop\ntype: Backend Service\n{TASKS}image:\n  build: ./shop/Dockerfile\n  healthcheck:\n    \
                 command: [CMD, /check]\n    {want}\n"
            ),
        );
    }
}

#[test]
fn worker_services() {
    let plain = format!("name: shop\ntype: Worker Service\n{TASKS}image: {{build: ./shop/Dockerfile}}\n");
    means(&scaffold::worker_service(&built()), &plain);
    means(&scaffold::worker_service(&inside(built())), &format!("{plain}{PRIVATE}"));
    let topics = |topics: &[&str]| Service {
        topics: topics.iter().map(|topic| topic.parse().unwrap()).collect(),
        ..built()
    };
    means(
        &scaffold::worker_service(&topics(&["orders:paid", "stock:seen"])),
        &format!(
            "{plain}subscribe: {{topics: [{{name: paid, service: orders}}, {{name: seen, service: stock}}]}}\n"
        ),
    );
    means(
        &scaffold::worker_service(&topics(&["orders:paid.fifo", "stock:seen"])),
        &format!(
            "{plain}subscribe: {{topics: [{{name: paid, service: orders}}, {{name: seen, service: stock, queue: true}}], \
             queue: {{fifo: true}}}}\n"
        ),
    );
}

#[test]
fn scheduled_jobs() {
    let job = |service: &Service, schedule: &str, timeout: Option<&str>, retries| {
        let timeout = timeout.map(str::to_owned);
        scaffold::scheduled_job(service, &Trigger { schedule: schedule.to_owned(), timeout, retries })
    };
    let said = |schedule: &str, more: &str| {
        format!(
            "name: shop\ntype: Scheduled Job\ncpu: 256\nmemory: 512\non: {{schedule: '{schedule}'}}\n{more}\n"
        )
    };
    let build = "image: {build: ./shop/Dockerfile}";
    means(&job(&built(), "@weekly", None, 0), &said("@weekly", build));
    means(
        &job(&inside(built()), "0 */2 * * *", Some("1h30m"), 3),
        &said("0 */2 * * *", &format!("retries: 3\ntimeout: 1h30m\n{build}\n{PRIVATE}")),
    );
    means(&job(&built(), "@every 5h", None, 5), &said("@every 5h", &format!("retries: 5\n{build}")));
    means(
        &job(&located(), "none", Some("3h"), 0),
        &said("none", "timeout: 3h\nimage: {location: 'public.ecr.aws/acme/shop:1'}"),
    );
}

#[test]
fn request_driven_web_services() {
    let said = "name: shop\ntype: Request-Driven Web Service\nimage: {build: ./shop/Dockerfile, port: 80}\ncpu: 1024\nmemory: 2048\n";
    means(&scaffold::request_driven_web_service(&built()), said);
    let private = Service { private: true, ..built() };
    means(
        &scaffold::request_driven_web_service(&private),
        &format!("{said}http: {{private: true}}\nnetwork: {{vpc: {{placement: private}}}}\n"),
    );
}

#[test]
fn static_sites() {
    let name = "docs".parse().unwrap();
    let some =
        scaffold::static_site(&name, &["docs/build/".to_owned(), "docs/imprint.html".to_owned()], "wharf");
    means(
        &some,
        "name: docs\ntype: Static Site\nfiles: [{source: docs/build/, recursive: true}, {source: docs/imprint.html}]\n",
    );
}

#[test]
fn environments() {
    let plain = Environment {
        name: "test".parse().unwrap(),
        network: Network::Default,
        public_certificates: vec![],
        private_certificates: vec![],
        private_subnets: vec![],
        allow_vpc_ingress: false,
        container_insights: false,
    };
    let head = "name: test\ntype: Environment\n";
    means(&scaffold::environment(&plain), head);
    let certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/1".to_owned();
    let subnet = |n: u8, az: &str| (format!("10.1.{n}.0/24"), Some(az.to_owned()));
    let managed = Environment {
        network: Network::Managed {
            cidr: "10.1.0.0/16".to_owned(),
            public: vec![subnet(0, "eu-west-1a"), subnet(1, "eu-west-1b")],
            private: vec![subnet(2, "eu-west-1a"), subnet(3, "eu-west-1b")],
        },
        public_certificates: vec![certificate.clone()],
        ..plain.clone()
    };
    means(
        &scaffold::environment(&managed),
        &format!(
            "{head}network: {{vpc: {{cidr: 10.1.0.0/16, subnets: {{public: [{{cidr: 10.1.0.0/24, az: eu-west-1a}}, {{cidr: \
             10.1.1.0/24, az: eu-west-1b}}], private: [{{cidr: 10.1.2.0/24, az: eu-west-1a}}, {{cidr: 10.1.3.0/24, az: \
             eu-west-1b}}]}}}}}}\nhttp: {{public: {{certificates: ['{certificate}']}}}}\n"
        ),
    );
    let ids = |first: u8| vec![format!("subnet-{first}"), format!("subnet-{}", first + 1)];
    let imported = Environment {
        network: Network::Imported { id: "vpc-1".to_owned(), public: ids(1), private: ids(3) },
        private_subnets: ids(3),
        private_certificates: vec![certificate.clone()],
        allow_vpc_ingress: true,
        container_insights: true,
        ..plain
    };
    means(
        &scaffold::environment(&imported),
        &format!(
            "{head}network: {{vpc: {{id: vpc-1, subnets: {{public: [{{id: subnet-1}}, {{id: subnet-2}}], private: [{{id: \
             subnet-3}}, {{id: subnet-4}}]}}}}}}\nhttp: {{private: {{certificates: ['{certificate}'], subnets: [subnet-3, \
             subnet-4], ingress: {{vpc: true}}}}}}\nobservability: {{container_insights: true}}\n"
        ),
    );
}

#[test]
fn pipelines() {
    let pipeline = |kind| pipeline::Pipeline {
        app: "shop".parse().unwrap(),
        name: "main".parse().unwrap(),
        kind,
        branch: "main".to_owned(),
        environments: vec!["test".parse().unwrap(), "prod".parse().unwrap()],
    };
    let connected = pipeline::Source {
        provider: "GitHub",
        repository: "https://github.com/acme/shop".to_owned(),
        secret: None,
        connected: true,
    };
    let head = "name: main\nversion: 1\nsource: {provider: GitHub, properties: {branch: main, repository: acme/shop}}\n";
    means(
        &pipeline::manifest(&pipeline(pipeline::Kind::Workloads), &connected),
        &format!("{head}stages: [{{name: test}}, {{name: prod}}]\n"),
    );
    let stage = |env: &str| {
        format!(
            "{{name: {env}, deployments: {{deploy-env: {{template_path: infrastructure/{env}.env.yml, template_config: \
             infrastructure/{env}.env.params.json, stack_name: shop-{env}}}}}}}"
        )
    };
    let said = format!("{head}stages: [{}, {}]\n", stage("test"), stage("prod"));
    means(&pipeline::manifest(&pipeline(pipeline::Kind::Environments), &connected), &said);
    let token =
        pipeline::Source { provider: "GitHubV1", secret: Some("token".to_owned()), ..connected.clone() };
    means(
        &pipeline::manifest(&pipeline(pipeline::Kind::Workloads), &token),
        "name: main\nversion: 1\nsource: {provider: GitHubV1, properties: {branch: main, repository: acme/shop, \
         access_token_secret: token}}\nstages: [{name: test}, {name: prod}]\n",
    );
    let commit = pipeline::Source {
        provider: "CodeCommit",
        repository: "https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/shop/browse"
            .to_owned(),
        secret: None,
        connected: false,
    };
    means(
        &pipeline::manifest(&pipeline(pipeline::Kind::Workloads), &commit),
        &format!(
            "name: main\nversion: 1\nsource: {{provider: CodeCommit, properties: {{branch: main, repository: '{}'}}}}\n\
             stages: [{{name: test}}, {{name: prod}}]\n",
            commit.repository
        ),
    );
}
