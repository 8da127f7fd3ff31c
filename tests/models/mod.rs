//! Services and environments as tests need them, made by hand.

use std::collections::BTreeMap;

use serde_json::json;
use wharf::facts::{self, Facts};
use wharf::model::container::{
    Build, Container, Dependency, HealthCheck, Image, LogRouter, Mount, Port, Protocol, Secret, Variable,
    Volume, VolumeSource,
};
use wharf::model::environment::{Environment, ManagedVpc, PrivateHttp, PublicHttp, SecurityGroupRules, Vpc};
use wharf::model::events::{Events, FifoQueue, Queue, Subscription};
use wharf::model::routing::{Alias, Http, Nlb, NlbListener, NlbProtocol, Rule, Target, TargetHealthCheck};
use wharf::model::schedule::Schedule;
use wharf::model::service::{
    Connect, Count, Deployment, FifoTopic, Job, Kind, Network, Pace, Placement, Platform, RollbackAlarms,
    Scaling, ScalingTarget, Service, Shift, Storage, TaskdefOverride, Topic,
};
use wharf::name::{AppName, EnvName, WorkloadName};
use wharf::stack::Stack;
use wharf::stack::workload::{AddonKind, AddonOutput, Addons, Input, Priorities, StackError, service};

/// A service with its surroundings.
#[derive(Debug, Clone)]
pub struct Case {
    pub name: &'static str,
    pub service: Service,
    pub environment: Environment,
    pub facts: Facts,
    pub addons: Option<Addons>,
    pub manifest: String,
    pub tagged_subnets: Vec<String>,
}

impl Case {
    pub fn new(name: &'static str, service: Service) -> Self {
        Self {
            name,
            service,
            environment: environment(),
            facts: facts(),
            addons: None,
            manifest: format!("name: api\n# {name}\n"),
            tagged_subnets: vec![],
        }
    }

    pub fn stack(&self) -> Result<Stack, StackError> {
        service(&Input {
            service: &self.service,
            environment: &self.environment,
            facts: &self.facts,
            manifest: &self.manifest,
            addons: self.addons.as_ref(),
            priorities: &Priorities::new(),
            nlb_certificate: None,
            tagged_subnets: &self.tagged_subnets,
        })
    }
}

pub fn facts() -> Facts {
    let mut facts = Facts::new(AppName::new("shop").unwrap(), EnvName::new("test").unwrap());
    facts.app.account = "111122223333".into();
    facts.env.account = "111122223333".into();
    facts.env.region = "eu-west-1".into();
    facts.artifacts.bucket = "artifacts".into();
    facts.artifacts.kms_key_arn =
        "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab".into();
    let image = facts::Image {
        repository: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/api".into(),
        tag: "v1".into(),
        digest: String::new(),
    };
    facts.images.insert("api".into(), image.clone());
    facts.images.insert("proxy".into(), facts::Image { tag: "proxy-v1".into(), ..image });
    facts
}

pub fn environment() -> Environment {
    Environment {
        name: EnvName::new("test").unwrap(),
        vpc: Vpc::Managed(ManagedVpc { cidr: "10.0.0.0/16".into(), public: vec![], private: vec![] }),
        security_group: SecurityGroupRules::default(),
        flow_logs: None,
        cdn: None,
        public: PublicHttp::default(),
        private: PrivateHttp::default(),
        container_insights: false,
    }
}

pub fn container(name: &str, image: Image, ports: &[u16]) -> Container {
    Container {
        name: name.into(),
        image,
        credentials: None,
        essential: None,
        entrypoint: vec![],
        command: vec![],
        variables: BTreeMap::new(),
        secrets: BTreeMap::new(),
        env_file: None,
        labels: BTreeMap::new(),
        depends_on: BTreeMap::new(),
        health_check: None,
        ports: ports.iter().map(|&number| Port { number, protocol: Protocol::Tcp }).collect(),
        mounts: vec![],
    }
}

pub fn backend(port: Option<u16>) -> Service {
    let ports: Vec<u16> = port.into_iter().collect();
    Service {
        name: WorkloadName::new("api").unwrap(),
        kind: Kind::Backend,
        job: None,
        cpu: 256,
        memory: 512,
        platform: Platform { os: "LINUX".into(), architecture: "X86_64".into() },
        count: Count::Fixed(1),
        exec: false,
        main: container("api", Image::Build(Build::default()), &ports),
        sidecars: vec![],
        port,
        http: None,
        nlb: None,
        target: port.map(|port| Target { container: "api".into(), port }),
        grace_period: None,
        network: Network {
            placement: Placement::Public,
            security_groups: vec![],
            deny_default: false,
            connect: None,
        },
        storage: Storage { ephemeral: None, readonly_fs: None, volumes: vec![] },
        log_retention: 30,
        log_router: None,
        topics: vec![],
        events: None,
        deployment: Deployment {
            min_healthy_percent: 100,
            max_percent: 200,
            shift: None,
            rollback: RollbackAlarms::None,
        },
        tracing: false,
        taskdef_overrides: vec![],
    }
}

fn subscription(service: &str, topic: &str, queue: Option<Queue>) -> Subscription {
    let service = WorkloadName::new(service).unwrap();
    Subscription { service, topic: topic.into(), filter_policy: None, queue }
}

fn subscriptions() -> Vec<Subscription> {
    let fifo = FifoQueue {
        content_based_deduplication: Some(true),
        deduplication_scope: Some("messageGroup"),
        throughput_limit: Some("perMessageGroupId"),
    };
    let filter_policy = Some(json!({"store": ["north"], "price": [{"numeric": [">=", 100]}]}));
    vec![
        Subscription { filter_policy, ..subscription("shop", "re-turned", None) },
        subscription("shop", "seen", None),
        subscription("ware-house", "packed_up", Some(Queue { tries: Some(3), ..Queue::default() })),
        subscription("shop", "paid.fifo", Some(Queue { fifo: Some(fifo), ..Queue::default() })),
    ]
}

pub fn worker(subscriptions: Vec<Subscription>) -> Service {
    let mut service = backend(None);
    service.kind = Kind::Worker;
    service.events = Some(Events { queue: Queue::default(), subscriptions });
    service
}

pub fn job(schedule: Schedule) -> Service {
    let mut service = backend(None);
    service.kind = Kind::Job;
    service.job = Some(Job { schedule, timeout: None, retries: 0 });
    service
}

pub fn rule(path: &str, container: &str, port: u16) -> Rule {
    Rule {
        path: path.into(),
        target: Target { container: container.into(), port },
        health_check: TargetHealthCheck { path: "/".into(), ..TargetHealthCheck::default() },
        deregistration_delay: 60,
        stickiness: false,
        allowed_source_ips: vec![],
        aliases: vec![],
        redirect_to_https: true,
        protocol_version: None,
    }
}

pub fn with_http(mut service: Service, rules: Vec<Rule>) -> Service {
    service.http = Some(Http { rules, imported: None });
    service.grace_period = Some(60);
    service
}

pub fn web() -> Service {
    let mut service = with_http(backend(Some(8080)), vec![rule("/", "api", 8080)]);
    service.kind = Kind::LoadBalancedWeb;
    service
}

fn alias(name: &str, zone: Option<&str>) -> Alias {
    Alias { name: name.into(), hosted_zone: zone.map(str::to_owned) }
}

fn scaling_target(value: f64) -> Option<ScalingTarget> {
    Some(ScalingTarget { value, cooldown_in: 120, cooldown_out: 60 })
}

/// A web service that uses everything a manifest can say, behind the environment's load balancer.
fn maximal() -> Case {
    let mut service = web();
    service.platform.architecture = "ARM64".into();
    service.exec = true;
    service.tracing = true;
    service.count = Count::Scaled(Box::new(Scaling {
        min: 2,
        max: 10,
        spot_from: Some(4),
        cpu: scaling_target(70.0),
        memory: scaling_target(80.0),
        requests: scaling_target(1000.0),
        response_time: scaling_target(0.5),
        backlog: None,
    }));
    let main = &mut service.main;
    main.credentials = Some("arn:aws:secretsmanager:eu-west-1:111122223333:secret:registry-AbCdEf".into());
    main.entrypoint = vec!["/bin/sh".into(), "-c".into()];
    main.command = vec!["echo \"hi\"".into()];
    main.variables = BTreeMap::from([
        ("LEVEL".into(), Variable::Text("info".into())),
        ("TABLE".into(), Variable::Export("table-name".into())),
    ]);
    main.secrets = BTreeMap::from([
        ("DB".into(), Secret::SecretsManager("demo/mysql:password::".into())),
        ("TOKEN".into(), Secret::From("/shop/token".into())),
        ("USER".into(), Secret::Export("user-parameter".into())),
    ]);
    main.env_file = Some("api.env".into());
    main.labels = BTreeMap::from([("com.example.team".into(), "shop".into())]);
    main.depends_on = BTreeMap::from([("proxy".into(), Dependency::Healthy)]);
    main.health_check = Some(HealthCheck {
        command: vec!["CMD-SHELL".into(), "curl -f http://localhost:8080 || exit 1".into()],
        interval: 10,
        retries: 2,
        timeout: 5,
        start_period: 0,
    });
    main.mounts = vec![
        Mount { volume: "data".into(), path: "/data".into(), read_only: false },
        Mount { volume: "scratch".into(), path: "/scratch".into(), read_only: false },
        Mount { volume: "shared".into(), path: "/shared".into(), read_only: true },
    ];
    let mut proxy = container("proxy", Image::Build(Build::default()), &[8081]);
    proxy.essential = Some(true);
    proxy.health_check = service.main.health_check.clone();
    proxy.mounts = vec![Mount { volume: "data".into(), path: "/var/www".into(), read_only: true }];
    let mut metrics = container("metrics-1", Image::Location("public.ecr.aws/example/metrics:1".into()), &[]);
    metrics.essential = Some(false);
    metrics.ports = vec![Port { number: 8125, protocol: Protocol::Udp }];
    service.sidecars = vec![metrics, proxy];
    service.http = Some(Http {
        rules: vec![
            Rule {
                stickiness: true,
                allowed_source_ips: vec!["192.0.2.0/24".into()],
                health_check: TargetHealthCheck {
                    path: "/healthz".into(),
                    port: Some(8081),
                    success_codes: Some("200,301".into()),
                    healthy_threshold: Some(3),
                    unhealthy_threshold: Some(2),
                    interval: Some(15),
                    timeout: Some(10),
                },
                aliases: vec![alias("shop.example.com", None)],
                ..rule("/", "proxy", 8081)
            },
            Rule {
                aliases: vec![alias("shop.example.com", None)],
                redirect_to_https: false,
                protocol_version: Some("HTTP2".into()),
                ..rule("/admin", "api", 8080)
            },
        ],
        imported: None,
    });
    service.target = Some(Target { container: "proxy".into(), port: 8081 });
    service.network.placement = Placement::Private;
    service.network.security_groups =
        vec![Variable::Text("sg-0c10c4fe23f5e5361".into()), Variable::Export("db-access".into())];
    service.network.connect =
        Some(Connect { alias: Some("api.shop".into()), target: service.target.clone() });
    service.storage.ephemeral = Some(100);
    service.storage.readonly_fs = Some(true);
    service.storage.volumes = vec![
        Volume { name: "data".into(), source: VolumeSource::ManagedEfs { uid: 1000, gid: 1000 } },
        Volume { name: "scratch".into(), source: VolumeSource::Scratch },
        Volume {
            name: "shared".into(),
            source: VolumeSource::Efs {
                id: Variable::Text("fs-0123456789abcdef0".into()),
                root_dir: "/".into(),
                iam: true,
                access_point: Some("fsap-0123456789abcdef0".into()),
                writable: false,
            },
        },
    ];
    service.log_retention = 1;
    service.log_router = Some(LogRouter {
        image: "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable".into(),
        destination: BTreeMap::from([
            ("Name".into(), "cloudwatch".into()),
            ("region".into(), "eu-west-1".into()),
        ]),
        metadata: true,
        secret_options: BTreeMap::from([("apikey".into(), Secret::From("/shop/log-key".into()))]),
        config_file: Some("/fluent-bit/extra.conf".into()),
        variables: BTreeMap::from([("LEVEL".into(), Variable::Text("warn".into()))]),
        secrets: BTreeMap::new(),
        env_file: None,
    });
    service.topics = vec![
        Topic { name: "orders".into(), fifo: None },
        Topic { name: "pay-ments".into(), fifo: Some(FifoTopic { content_based_deduplication: Some(true) }) },
    ];
    service.deployment.rollback =
        RollbackAlarms::Thresholds { cpu: Some(90.0), memory: Some(82.5), messages_delayed: None };
    service.taskdef_overrides = vec![
        TaskdefOverride { path: "ContainerDefinitions[0].Ulimits[-].Name".into(), value: json!("nofile") },
        TaskdefOverride { path: "ContainerDefinitions[0].Ulimits[0].SoftLimit".into(), value: json!(1024) },
        TaskdefOverride { path: "ContainerDefinitions[0].Ulimits[0].HardLimit".into(), value: json!(2048) },
    ];
    let mut case = Case::new("web-maximal", service);
    case.facts.app.domain = "example.com".into();
    case.facts.app.permissions_boundary = "boundary".into();
    case.facts.app.tags.insert("owner".into(), "shop".into());
    case.facts.addons_url = "https://artifacts.s3.eu-west-1.amazonaws.com/manual/addons/api/x.yml".into();
    case.facts.env_files.insert("api".into(), "arn:aws:s3:::artifacts/manual/env-files/api/x.env".into());
    case.addons = Some(Addons {
        outputs: [
            ("ordersTableName", AddonKind::Variable),
            ("DBSecret", AddonKind::Secret),
            ("TablePolicy", AddonKind::ManagedPolicy),
            ("DBSecurityGroup", AddonKind::SecurityGroup),
        ]
        .map(|(id, kind)| AddonOutput { id: id.into(), kind })
        .to_vec(),
        parameters: json!({"Port": {"Ref": "TargetPort"}}).as_object().unwrap().clone(),
    });
    case
}

fn nlb_listener(port: u16, protocol: NlbProtocol) -> NlbListener {
    NlbListener {
        port,
        protocol,
        target: Target { container: "api".into(), port: 8080 },
        health_check: TargetHealthCheck::default(),
        deregistration_delay: 60,
        stickiness: None,
        ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06".into(),
    }
}

fn with_nlb(listeners: Vec<NlbListener>, aliases: &[&str]) -> Case {
    let mut service = web();
    service.http = None;
    let aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
    service.nlb = Some(Nlb { listeners, aliases });
    let mut case = Case::new("web-nlb", service);
    case.facts.app.domain = "example.com".into();
    case
}

fn load_balancer(protocols: &[(u16, &str)]) -> facts::LoadBalancer {
    let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333";
    facts::LoadBalancer {
        arn: format!("{arn}:loadbalancer/app/shared/5ea280ee3a7eff37"),
        name: "shared".into(),
        dns_name: "shared-1234567890.eu-west-1.elb.amazonaws.com".into(),
        hosted_zone_id: "Z32O12XQLNTSW2".into(),
        security_groups: vec!["sg-0123456789abcdef0".into(), "sg-0123456789abcdef1".into()],
        listeners: protocols
            .iter()
            .map(|(port, protocol)| facts::Listener {
                arn: format!("{arn}:listener/app/shared/5ea280ee3a7eff37/{port}"),
                port: *port,
                protocol: (*protocol).into(),
            })
            .collect(),
    }
}

/// A good spread of services: each feature alone or with others, on and off.
pub fn spread() -> Vec<Case> {
    let mut cases = vec![Case::new("web-minimal", web()), maximal()];
    let mut add = |name: &'static str, service: Service, change: &dyn Fn(&mut Case)| {
        let mut case = Case::new(name, service);
        change(&mut case);
        cases.push(case);
    };

    add("web-domain", web(), &|case| case.facts.app.domain = "example.com".into());
    add("web-certificates", web(), &|case| {
        case.environment.public.certificates = vec![
            "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012".into(),
        ];
        let rules = &mut case.service.http.as_mut().unwrap().rules;
        rules[0].aliases =
            vec![alias("a.example.com", Some("Z08230443CW11KE6JBNUA")), alias("b.example.com", None)];
        let second = Rule {
            aliases: vec![
                alias("a.example.com", Some("Z08230443CW11KE6JBNUA")),
                alias("c.example.org", Some("Z11111111111111111111")),
            ],
            ..rule("/admin", "api", 8080)
        };
        rules.push(second);
    });
    add("web-imported-https", web(), &|case| {
        let http = case.service.http.as_mut().unwrap();
        http.imported = Some("shared".into());
        http.rules[0].aliases = vec![alias("a.example.com", Some("Z08230443CW11KE6JBNUA"))];
        case.service.count = Count::Scaled(Box::new(Scaling {
            min: 1,
            max: 4,
            spot_from: None,
            cpu: None,
            memory: None,
            requests: None,
            response_time: scaling_target(2.0),
            backlog: None,
        }));
        case.facts.load_balancer = Some(load_balancer(&[(80, "HTTP"), (443, "HTTPS")]));
    });
    add("web-imported-http", web(), &|case| {
        case.service.http.as_mut().unwrap().imported = Some("shared".into());
        case.facts.load_balancer = Some(load_balancer(&[(80, "HTTP")]));
    });
    add("web-grpc-tls", web(), &|case| {
        let first = &mut case.service.http.as_mut().unwrap().rules[0];
        first.target.port = 443;
        first.protocol_version = Some("GRPC".into());
        first.health_check.success_codes = Some("12".into());
        case.service.main.ports = vec![Port { number: 443, protocol: Protocol::Tcp }];
        case.service.target = Some(Target { container: "api".into(), port: 443 });
    });
    add("web-windows", web(), &|case| {
        case.service.platform.os = "WINDOWS_SERVER_2022_CORE".into();
        (case.service.cpu, case.service.memory) = (1024, 2048);
    });
    add("web-spot", web(), &|case| {
        case.service.count = Count::Spot(0);
        case.service.deployment = Deployment {
            min_healthy_percent: 0,
            max_percent: 100,
            shift: None,
            rollback: RollbackAlarms::Names(vec!["errors".into()]),
        };
        case.service.network.connect = Some(Connect { alias: None, target: None });
    });
    add("web-blue-green", web(), &|case| {
        case.service.http.iter_mut().for_each(|http| http.rules.push(rule("/admin", "api", 8080)));
        case.facts.app.domain = "example.com".into();
        let nlb =
            with_nlb(vec![nlb_listener(53, NlbProtocol::Udp), nlb_listener(443, NlbProtocol::Tls)], &[]);
        case.service.nlb = nlb.service.nlb;
        case.service.deployment.shift = Some(Shift { pace: Pace::AtOnce, bake_minutes: 5 });
    });
    add("web-imported-canary", web(), &|case| {
        case.service.http.as_mut().unwrap().imported = Some("shared".into());
        case.facts.load_balancer = Some(load_balancer(&[(80, "HTTP")]));
        let pace = Pace::Canary { percent: 0.5, bake_minutes: 10 };
        case.service.deployment.shift = Some(Shift { pace, bake_minutes: 0 });
        case.service.deployment.rollback = RollbackAlarms::Names(vec!["errors".into()]);
    });
    add("backend-connect-linear", backend(Some(9000)), &|case| {
        case.service.network.connect =
            Some(Connect { alias: None, target: Some(Target { container: "api".into(), port: 9000 }) });
        let pace = Pace::Linear { step: 12.5, bake_minutes: 6 };
        case.service.deployment.shift = Some(Shift { pace, bake_minutes: 5 });
    });
    add("web-subnets", web(), &|case| {
        case.service.network.placement = Placement::Subnets(vec!["subnet-0123456789abcdef0".into()]);
        case.service.network.deny_default = true;
        case.service.network.security_groups = vec![Variable::Text("sg-0c10c4fe23f5e5361".into())];
        // Names that make the same logical id.
        case.service.sidecars = ["log-router", "logrouter"]
            .map(|name| container(name, Image::Location("public.ecr.aws/example/x:1".into()), &[]))
            .to_vec();
    });
    add("web-tagged-subnets", web(), &|case| {
        case.service.network.placement =
            Placement::Tagged(BTreeMap::from([("tier".into(), vec!["app".into()])]));
        case.tagged_subnets = vec!["subnet-0123456789abcdef0".into(), "subnet-0123456789abcdef1".into()];
    });
    add("backend-no-port", backend(None), &|_| {});
    add("backend-connect", backend(Some(9000)), &|case| {
        case.service.network.connect =
            Some(Connect { alias: None, target: Some(Target { container: "api".into(), port: 9000 }) });
        case.service.exec = true;
    });
    add("backend-scaled", backend(Some(9000)), &|case| {
        case.service.count = Count::Scaled(Box::new(Scaling {
            min: 1,
            max: 3,
            spot_from: Some(1),
            cpu: scaling_target(50.0),
            memory: None,
            requests: None,
            response_time: None,
            backlog: None,
        }));
    });
    add("worker-minimal", worker(vec![]), &|_| {});
    add("worker-maximal", worker(subscriptions()), &|case| {
        let service = &mut case.service;
        service.count = Count::Scaled(Box::new(Scaling {
            min: 0,
            max: 10,
            spot_from: None,
            cpu: scaling_target(70.0),
            memory: None,
            requests: None,
            response_time: None,
            backlog: scaling_target(900.0),
        }));
        service.topics = vec![Topic { name: "done".into(), fifo: None }];
        service.network.connect = Some(Connect { alias: None, target: None });
        service.deployment.rollback =
            RollbackAlarms::Thresholds { cpu: Some(90.0), memory: None, messages_delayed: Some(5) };
        service.sidecars = vec![container("proxy", Image::Build(Build::default()), &[8081])];
        if let Some(events) = &mut service.events {
            events.queue = Queue {
                retention: Some(345_600),
                delay: Some(1),
                timeout: Some(300),
                tries: Some(5),
                fifo: None,
            };
        }
    });
    add("worker-fifo", worker(vec![]), &|case| {
        if let Some(events) = &mut case.service.events {
            events.queue = Queue { tries: Some(3), fifo: Some(FifoQueue::default()), ..Queue::default() };
            events.subscriptions = vec![subscription("shop", "paid.fifo", None)];
        }
    });
    add("job-minimal", job(Schedule::At("cron(0 9 ? * 2-6 *)".into())), &|_| {});
    add("job-by-hand", job(Schedule::Never), &|case| {
        case.service.network.placement = Placement::Subnets(vec!["subnet-\"1".into(), "subnet-2".into()]);
        case.service.network.deny_default = true;
        case.service.platform.os = "WINDOWS_SERVER_2022_CORE".into();
    });
    add("job-maximal", job(Schedule::At("rate(1 hour)".into())), &|case| {
        case.facts.app.permissions_boundary = "boundary".into();
        case.facts.addons_url = "https://artifacts.s3.eu-west-1.amazonaws.com/manual/addons/api/x.yml".into();
        case.addons = Some(Addons {
            outputs: vec![AddonOutput { id: "Access".into(), kind: AddonKind::SecurityGroup }],
            ..Addons::default()
        });
        let service = &mut case.service;
        service.job =
            Some(Job { schedule: Schedule::At("rate(1 hour)".into()), timeout: Some(3600), retries: 3 });
        service.exec = true;
        service.topics = vec![Topic { name: "done".into(), fifo: None }];
        service.network.placement = Placement::Private;
        service.network.security_groups =
            vec![Variable::Text("sg-\",\"x".into()), Variable::Export("database-access".into())];
        service.sidecars = vec![container("proxy", Image::Build(Build::default()), &[8081])];
        service.storage.volumes =
            vec![Volume { name: "data".into(), source: VolumeSource::ManagedEfs { uid: 1000, gid: 1000 } }];
        service.main.mounts = vec![Mount { volume: "data".into(), path: "/data".into(), read_only: false }];
        service.taskdef_overrides = vec![TaskdefOverride { path: "PidMode".into(), value: json!("task") }];
    });
    let internal = || with_http(backend(Some(9000)), vec![rule("/", "api", 9000), rule("/v2", "api", 9000)]);
    add("backend-internal", internal(), &|_| {});
    add("backend-internal-https", internal(), &|case| {
        case.environment.private.certificates = vec![
            "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012".into(),
        ];
        for rule in &mut case.service.http.as_mut().unwrap().rules {
            rule.aliases = vec![alias("api.example.com", Some("Z08230443CW11KE6JBNUA"))];
        }
    });

    let udp = NlbListener { stickiness: Some(true), ..nlb_listener(8081, NlbProtocol::Udp) };
    let named = |name, case: Case| Case { name, ..case };
    cases.push(named("web-nlb", with_nlb(vec![nlb_listener(80, NlbProtocol::Tcp), udp], &[])));
    cases.push(named(
        "web-nlb-tls",
        with_nlb(
            vec![nlb_listener(443, NlbProtocol::Tls), nlb_listener(8443, NlbProtocol::Tls)],
            &["nlb.example.com"],
        ),
    ));
    let mut both = with_nlb(vec![nlb_listener(81, NlbProtocol::Tcp)], &[]);
    both.service.http = web().http;
    cases.push(named("web-both", both));
    cases
}
