//! The manifest of a new environment.

use super::{Document, list, scalar};
use crate::name::EnvName;

/// The network of a new environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    /// Made with default addresses.
    Default,
    /// Made with these addresses.
    Managed {
        /// Addresses of the VPC.
        cidr: String,
        /// Addresses and, if given, zones of the public subnets.
        public: Vec<(String, Option<String>)>,
        /// The same of the private subnets.
        private: Vec<(String, Option<String>)>,
    },
    /// Exists already.
    Imported {
        /// Id of the VPC.
        id: String,
        /// Ids of its public subnets.
        public: Vec<String>,
        /// Ids of its private subnets.
        private: Vec<String>,
    },
}

/// What is known of a new environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: EnvName,
    /// Its network.
    pub network: Network,
    /// ARNs of certificates for the public load balancer.
    pub public_certificates: Vec<String>,
    /// ARNs of certificates for the internal load balancer.
    pub private_certificates: Vec<String>,
    /// Ids of the subnets that the internal load balancer stands in.
    pub private_subnets: Vec<String>,
    /// Whether the whole VPC may call the internal load balancer.
    pub allow_vpc_ingress: bool,
    /// Whether Container Insights is on.
    pub container_insights: bool,
}

/// The manifest of a new environment.
#[must_use]
pub fn environment(environment: &Environment) -> String {
    let mut document = Document::new("environment", environment.name.as_str(), "Environment");
    document.line("");
    network(&mut document, &environment.network);
    document.line("");
    let private = !environment.private_certificates.is_empty()
        || !environment.private_subnets.is_empty()
        || environment.allow_vpc_ingress;
    let public = !environment.public_certificates.is_empty();
    if public || private {
        document.line("# The load balancers; each is made when the first service asks for it.");
        document.line("http:");
    } else {
        document.lines(
            "# The load balancers; each is made when the first service asks for it.\n\
             # http:\n\
             #   public:\n\
             #     # Certificates of your own, by ARN.\n\
             #     certificates: []\n\
             #   private:\n\
             #     ingress:\n\
             #       # Whether the whole VPC may call the internal load balancer.\n\
             #       vpc: true",
        );
    }
    if public {
        document.line("  public:");
        document.line(&format!("    certificates: {}", list(&environment.public_certificates)));
    }
    if private {
        document.line("  private:");
        if !environment.private_certificates.is_empty() {
            document.line(&format!("    certificates: {}", list(&environment.private_certificates)));
        }
        if !environment.private_subnets.is_empty() {
            document.line(&format!("    subnets: {}", list(&environment.private_subnets)));
        }
        if environment.allow_vpc_ingress {
            document.line("    ingress:");
            document.line("      vpc: true   # The whole VPC may call the internal load balancer.");
        }
    }
    document.line("");
    document.line("observability:");
    document.line("  # CloudWatch Container Insights: metrics of tasks and containers, at a price.");
    document.line(&format!("  container_insights: {}", environment.container_insights));
    document.0
}

fn network(document: &mut Document, network: &Network) {
    match network {
        Network::Default => document.lines(
            "# A VPC is made for the environment. To use one that exists:\n\
             # network:\n\
             #   vpc:\n\
             #     id: vpc-0123456789abcdef0\n\
             #     subnets:\n\
             #       public:\n\
             #         - id: subnet-0123456789abcdef0\n\
             #         - id: subnet-0123456789abcdef1",
        ),
        Network::Managed { cidr, public, private } => {
            document.lines("# The VPC that is made.\nnetwork:\n  vpc:");
            document.line(&format!("    cidr: {}", scalar(cidr)));
            document.line("    subnets:");
            for (kind, subnets) in [("public", public), ("private", private)] {
                if !subnets.is_empty() {
                    document.line(&format!("      {kind}:"));
                }
                for (cidr, az) in subnets {
                    document.line(&format!("        - cidr: {}", scalar(cidr)));
                    if let Some(az) = az {
                        document.line(&format!("          az: {}", scalar(az)));
                    }
                }
            }
        }
        Network::Imported { id, public, private } => {
            document.lines("# The VPC that is used.\nnetwork:\n  vpc:");
            document.line(&format!("    id: {}", scalar(id)));
            document.line("    subnets:");
            for (kind, subnets) in [("public", public), ("private", private)] {
                if !subnets.is_empty() {
                    document.line(&format!("      {kind}:"));
                }
                for id in subnets {
                    document.line(&format!("        - id: {}", scalar(id)));
                }
            }
        }
    }
}
