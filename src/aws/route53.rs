//! Route 53: hosted zones and their records.
//!
//! Names go in and come out as people write them: without the dot at their end, and with `*` where the service says
//! `\052`.

use serde::Deserialize;

use super::query::{self, Api, Protocol, Rest, encoded};
use super::{Connection, Error, Kind};

const API: Api = Api { name: "Route 53", id: "Route 53", prefix: "route53", protocol: Protocol::Rest };
const DOMAINS: Api = Api {
    name: "Route 53 Domains",
    id: "Route 53 Domains",
    prefix: "route53domains",
    protocol: Protocol::Json { target: "Route53Domains_v20140515" },
};
/// The API's version, which all its paths begin with.
const ROOT: &str = "/2013-04-01";
/// Namespace of its documents.
const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// The door to Route 53.
#[derive(Debug, Clone)]
pub struct Route53(Connection);

impl Connection {
    /// The door to Route 53.
    #[must_use]
    pub fn route53(&self) -> Route53 {
        Route53(self.clone())
    }
}

/// A hosted zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its id, such as `Z0123456789ABC`.
    pub id: String,
    /// Its name without the dot at the end.
    pub name: String,
    /// Whether it answers within VPCs only.
    pub private: bool,
}

/// Records of one name and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSet {
    /// Their name without the dot at the end.
    pub name: String,
    /// Their type, such as `A`, `CNAME`, `NS`.
    pub kind: String,
    /// What they say.
    pub content: Content,
    /// Tells records of one name and type apart that are chosen among (weights, regions …); empty for plain ones.
    pub set: String,
}

/// What records say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Values with their time to live.
    Values {
        /// Seconds that answers are kept.
        ttl: u32,
        /// The values as they are written.
        values: Vec<String>,
    },
    /// Whatever another name of AWS's says.
    Alias {
        /// That name.
        name: String,
        /// Hosted zone of that name.
        zone: String,
    },
}

impl RecordSet {
    /// Records with values.
    #[must_use]
    pub fn values(name: &str, kind: &str, ttl: u32, values: impl IntoIterator<Item = String>) -> Self {
        Self {
            name: plain(name),
            kind: kind.to_owned(),
            content: Content::Values { ttl, values: values.into_iter().collect() },
            set: String::new(),
        }
    }

    /// An address record that follows another name.
    #[must_use]
    pub fn alias(name: &str, target: &str, zone: &str) -> Self {
        Self {
            name: plain(name),
            kind: "A".to_owned(),
            content: Content::Alias { name: plain(target), zone: zone.to_owned() },
            set: String::new(),
        }
    }

    /// Whether both say the same of the same name, whatever their time to live. Names of AWS's load balancers come back from
    /// Route 53 in lower case.
    #[must_use]
    pub fn says_same(&self, other: &Self) -> bool {
        let content = match (&self.content, &other.content) {
            (Content::Values { values: own, .. }, Content::Values { values: theirs, .. }) => {
                sorted(own) == sorted(theirs)
            }
            (
                Content::Alias { name: own, zone: own_zone },
                Content::Alias { name: theirs, zone: their_zone },
            ) => own.eq_ignore_ascii_case(theirs) && own_zone == their_zone,
            _ => false,
        };
        content && self.is_for_same(other)
    }

    /// Whether both are records of the same name and type.
    #[must_use]
    pub fn is_for_same(&self, other: &Self) -> bool {
        self.name.eq_ignore_ascii_case(&other.name) && self.kind == other.kind && self.set == other.set
    }

    /// Whether they follow another name of AWS's.
    #[must_use]
    pub fn is_alias(&self) -> bool {
        matches!(self.content, Content::Alias { .. })
    }

    /// What they say, for people.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.content {
            Content::Values { values, .. } => values.join(", "),
            Content::Alias { name, .. } => name.clone(),
        }
    }

    fn document(&self) -> String {
        let content = match &self.content {
            Content::Values { ttl, values } => {
                let records: String = values
                    .iter()
                    .map(|value| {
                        format!("<ResourceRecord><Value>{}</Value></ResourceRecord>", escaped(value))
                    })
                    .collect();
                format!("<TTL>{ttl}</TTL><ResourceRecords>{records}</ResourceRecords>")
            }
            Content::Alias { name, zone } => format!(
                "<AliasTarget><HostedZoneId>{}</HostedZoneId><DNSName>{}.</DNSName>\
                 <EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>",
                escaped(zone),
                escaped(name)
            ),
        };
        let set = match self.set.as_str() {
            "" => String::new(),
            set => format!("<SetIdentifier>{}</SetIdentifier>", escaped(set)),
        };
        format!(
            "<ResourceRecordSet><Name>{}.</Name><Type>{}</Type>{set}{content}</ResourceRecordSet>",
            escaped(&self.name),
            escaped(&self.kind)
        )
    }
}

/// One change of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Makes the records, or puts them in the place of those of the same name and type.
    Upsert(RecordSet),
    /// Removes the records, which must be there exactly so.
    Delete(RecordSet),
}

/// A name without the dot at its end, with `*` as people write it.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').replace("\\052", "*")
}

/// Values in an order that does not depend on who wrote them; host names among them without the dot at the end.
fn sorted(values: &[String]) -> Vec<String> {
    let mut values: Vec<String> =
        values.iter().map(|value| value.trim_end_matches('.').to_ascii_lowercase()).collect();
    values.sort();
    values
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

/// `Z1` of `/hostedzone/Z1`.
fn bare(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListHostedZonesByName {
    #[serde(default)]
    hosted_zones: Zones,
    #[serde(default)]
    is_truncated: bool,
    #[serde(rename = "NextDNSName")]
    next_name: Option<String>,
}

#[derive(Deserialize, Default)]
struct Zones {
    #[serde(rename = "HostedZone", default)]
    zones: Vec<WireZone>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireZone {
    id: String,
    name: String,
    config: Option<WireConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireConfig {
    #[serde(default)]
    private_zone: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetHostedZone {
    hosted_zone: WireZone,
    delegation_set: Option<WireDelegation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireDelegation {
    #[serde(default)]
    name_servers: WireNameServers,
}

#[derive(Deserialize, Default)]
struct WireNameServers {
    #[serde(rename = "NameServer", default)]
    servers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListRecordSets {
    #[serde(default)]
    resource_record_sets: WireRecordSets,
    #[serde(default)]
    is_truncated: bool,
    next_record_name: Option<String>,
    next_record_type: Option<String>,
    next_record_identifier: Option<String>,
}

#[derive(Deserialize, Default)]
struct WireRecordSets {
    #[serde(rename = "ResourceRecordSet", default)]
    sets: Vec<WireRecordSet>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireRecordSet {
    name: String,
    r#type: String,
    #[serde(rename = "TTL")]
    ttl: Option<u32>,
    set_identifier: Option<String>,
    #[serde(default)]
    resource_records: WireRecords,
    alias_target: Option<WireAlias>,
}

#[derive(Deserialize, Default)]
struct WireRecords {
    #[serde(rename = "ResourceRecord", default)]
    records: Vec<WireRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireRecord {
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireAlias {
    hosted_zone_id: String,
    #[serde(rename = "DNSName")]
    dns_name: String,
}

#[derive(Deserialize)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DomainDetail {
    #[serde(default)]
    nameservers: Vec<WireNameserver>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireNameserver {
    name: String,
}

impl From<WireZone> for Zone {
    fn from(wire: WireZone) -> Self {
        Self {
            id: bare(&wire.id).to_owned(),
            name: plain(&wire.name),
            private: wire.config.is_some_and(|config| config.private_zone),
        }
    }
}

impl From<WireRecordSet> for RecordSet {
    fn from(wire: WireRecordSet) -> Self {
        let content = match wire.alias_target {
            Some(alias) => Content::Alias { name: plain(&alias.dns_name), zone: alias.hosted_zone_id },
            None => Content::Values {
                ttl: wire.ttl.unwrap_or_default(),
                values: wire.resource_records.records.into_iter().map(|record| record.value).collect(),
            },
        };
        Self {
            name: plain(&wire.name),
            kind: wire.r#type,
            content,
            set: wire.set_identifier.unwrap_or_default(),
        }
    }
}

fn get(path: String) -> Rest {
    Rest { method: "GET", path: format!("{ROOT}/{path}"), body: String::new() }
}

impl Route53 {
    /// The zones with exactly this name, public and private (ListHostedZonesByName, all pages).
    ///
    /// # Errors
    /// Whatever Route 53 reports.
    pub async fn zones(&self, name: &str) -> Result<Vec<Zone>, Error> {
        let mut found = vec![];
        let mut after = String::new();
        loop {
            let path = format!("hostedzonesbyname?dnsname={}{after}", encoded(name));
            let output: ListHostedZonesByName =
                query::rest(&self.0, API, "ListHostedZonesByName", get(path)).await?;
            let last = output.hosted_zones.zones.last().map(|zone| bare(&zone.id).to_owned());
            let zones = output.hosted_zones.zones.into_iter().map(Zone::from);
            found.extend(zones.filter(|zone| zone.name.eq_ignore_ascii_case(name)));
            // Zones come sorted by name: the next page is of use while it begins with this one.
            let more = output.next_name.as_deref().is_some_and(|next| plain(next).eq_ignore_ascii_case(name));
            match last.filter(|_| output.is_truncated && more) {
                Some(last) => after = format!("&hostedzoneid={}", encoded(&last)),
                None => return Ok(found),
            }
        }
    }

    /// Name servers of the zone `id`, sorted (GetHostedZone); `None` when it does not exist. A private zone has none.
    ///
    /// # Errors
    /// Whatever Route 53 reports but that it does not exist.
    pub async fn name_servers(&self, id: &str) -> Result<Option<Vec<String>>, Error> {
        let path = format!("hostedzone/{}", encoded(id));
        let output: GetHostedZone = match query::rest(&self.0, API, "GetHostedZone", get(path)).await {
            Ok(output) => output,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let set = output.delegation_set.filter(|_| !Zone::from(output.hosted_zone).private);
        let servers = set.map(|set| set.name_servers.servers).unwrap_or_default();
        let mut servers: Vec<String> = servers.iter().map(|server| plain(server)).collect();
        servers.sort();
        Ok(Some(servers))
    }

    /// Records of the zone `zone` with exactly this name (ListResourceRecordSets); none when the zone does not exist.
    ///
    /// # Errors
    /// Whatever Route 53 reports but that the zone does not exist.
    pub async fn records(&self, zone: &str, name: &str) -> Result<Vec<RecordSet>, Error> {
        self.record_sets(zone, Some(name)).await
    }

    /// All records of the zone `zone`, its own name servers among them; none when the zone does not exist.
    ///
    /// # Errors
    /// As [`Route53::records`].
    pub async fn all_records(&self, zone: &str) -> Result<Vec<RecordSet>, Error> {
        self.record_sets(zone, None).await
    }

    async fn record_sets(&self, zone: &str, name: Option<&str>) -> Result<Vec<RecordSet>, Error> {
        let is_wanted = |found: &str| name.is_none_or(|name| found.eq_ignore_ascii_case(name));
        let mut from = name.map(|name| format!("?name={}", encoded(name))).unwrap_or_default();
        let mut found = vec![];
        loop {
            let path = format!("hostedzone/{}/rrset{from}", encoded(zone));
            let output: ListRecordSets =
                match query::rest(&self.0, API, "ListResourceRecordSets", get(path)).await {
                    Ok(output) => output,
                    Err(error) if error.is_not_found() => return Ok(vec![]),
                    Err(error) => return Err(error),
                };
            let sets = output.resource_record_sets.sets.into_iter().map(RecordSet::from);
            found.extend(sets.filter(|set| is_wanted(&set.name)));
            let next = output.next_record_name.filter(|_| output.is_truncated);
            let next = next.filter(|next| is_wanted(&plain(next)));
            let Some(next) = next else { return Ok(found) };
            from = format!("?name={}", encoded(&next));
            for (key, value) in
                [("type", output.next_record_type), ("identifier", output.next_record_identifier)]
            {
                from.extend(value.map(|value| format!("&{key}={}", encoded(&value))));
            }
        }
    }

    /// Changes records of the zone `zone`, all or none (ChangeResourceRecordSets). Name servers know of it some seconds later.
    ///
    /// # Errors
    /// [`Kind::Busy`] while another change of the zone runs; [`Kind::NotFound`] when the zone does not exist or records that
    /// are to be removed are not there; whatever else Route 53 reports.
    pub async fn change(&self, zone: &str, changes: &[Change]) -> Result<(), Error> {
        let changes: String = changes
            .iter()
            .map(|change| {
                let (action, set) = match change {
                    Change::Upsert(set) => ("UPSERT", set),
                    Change::Delete(set) => ("DELETE", set),
                };
                format!("<Change><Action>{action}</Action>{}</Change>", set.document())
            })
            .collect();
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ChangeResourceRecordSetsRequest xmlns=\"{NAMESPACE}\">\
             <ChangeBatch><Changes>{changes}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
        );
        let path = format!("{ROOT}/hostedzone/{}/rrset/", encoded(zone));
        let request = Rest { method: "POST", path, body };
        match query::rest::<Nothing>(&self.0, API, "ChangeResourceRecordSets", request).await {
            Ok(Nothing {}) => Ok(()),
            Err(mut error) => {
                error.kind = match (error.code.as_str(), &error.kind) {
                    ("PriorRequestNotComplete", _) => Kind::Busy,
                    ("InvalidChangeBatch", _) if error.message.contains("not found") => Kind::NotFound,
                    (_, kind) => kind.clone(),
                };
                Err(error)
            }
        }
    }

    /// Name servers that the registry has for the domain `name`, where it is registered in this account with Route 53, sorted
    /// (GetDomainDetail); `None` when it is not. Asked in us-east-1, where the registrar is.
    ///
    /// # Errors
    /// Whatever Route 53 reports but that the domain is not registered here.
    pub async fn registered(&self, name: &str) -> Result<Option<Vec<String>>, Error> {
        let connection = self.0.region("us-east-1");
        let input = serde_json::json!({"DomainName": name});
        match query::json::<DomainDetail>(&connection, DOMAINS, "GetDomainDetail", &input).await {
            Ok(output) => {
                let mut servers: Vec<String> =
                    output.nameservers.iter().map(|server| plain(&server.name)).collect();
                servers.sort();
                Ok(Some(servers))
            }
            // The registrar calls a domain of others, or one of an unknown ending, bad input.
            Err(error) if matches!(error.code.as_str(), "InvalidInput" | "UnsupportedTLD") => Ok(None),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    fn zones(zones: &[(&str, &str, bool)], rest: &str) -> testing::Answer {
        let zones: String = zones
            .iter()
            .map(|(id, name, private)| {
                format!(
                    "<HostedZone><Id>/hostedzone/{id}</Id><Name>{name}</Name><CallerReference>r</CallerReference>\
                     <Config><PrivateZone>{private}</PrivateZone></Config><ResourceRecordSetCount>2</ResourceRecordSetCount></HostedZone>"
                )
            })
            .collect();
        testing::xml(
            200,
            &format!(
                "<?xml version=\"1.0\"?>\n<ListHostedZonesByNameResponse xmlns=\"{NAMESPACE}\"><HostedZones>{zones}</HostedZones>\
                 {rest}<MaxItems>100</MaxItems></ListHostedZonesByNameResponse>"
            ),
        )
    }

    #[test]
    fn records_are_compared_by_what_they_say() {
        let ns = |ttl, values: [&str; 2]| RecordSet::values("a.b", "NS", ttl, values.map(str::to_owned));
        assert!(ns(60, ["x.com.", "y.com"]).says_same(&ns(900, ["y.com.", "X.com"])));
        assert!(!ns(60, ["x", "y"]).says_same(&ns(60, ["x", "z"])));
        let alias = RecordSet::alias("a.b", "LB-1.elb.amazonaws.com", "Z");
        assert!(alias.says_same(&RecordSet::alias("A.b.", "lb-1.elb.amazonaws.com.", "Z")));
        assert!(!alias.says_same(&RecordSet::alias("a.b", "lb-2.elb.amazonaws.com", "Z")));
        assert!(!alias.says_same(&RecordSet { set: "blue".to_owned(), ..alias.clone() }));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn zones_of_exactly_a_name() {
        let server = testing::answers(vec![
            zones(
                &[("Z1", "example.com.", false)],
                "<IsTruncated>true</IsTruncated><NextDNSName>example.com.</NextDNSName>",
            ),
            zones(
                &[("Z2", "example.com.", true), ("Z3", "www.example.com.", false)],
                "<IsTruncated>false</IsTruncated>",
            ),
        ]);
        let found = server.connection().route53().zones("example.com").await.unwrap();
        let zone = |id: &str, private| Zone { id: id.into(), name: "example.com".into(), private };
        assert_eq!(found, [zone("Z1", false), zone("Z2", true)]);
        let requests = server.requests();
        assert_eq!(requests[0].method, "GET");
        assert!(
            requests[0].uri.ends_with("/2013-04-01/hostedzonesbyname?dnsname=example.com"),
            "{}",
            requests[0].uri
        );
        assert!(requests[1].uri.ends_with("&hostedzoneid=Z1"));
        assert!(requests[0].authorization.contains("/us-east-1/route53/aws4_request"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn name_servers_of_a_zone() {
        let server = testing::answers(vec![
            testing::xml(
                200,
                "<GetHostedZoneResponse><HostedZone><Id>/hostedzone/Z1</Id><Name>example.com.</Name></HostedZone><DelegationSet>\
                 <NameServers><NameServer>ns-2.awsdns.org</NameServer><NameServer>ns-1.awsdns.com</NameServer></NameServers>\
                 </DelegationSet></GetHostedZoneResponse>",
            ),
            testing::xml_error(404, "NoSuchHostedZone", "No hosted zone found with ID: Z1"),
        ]);
        let route53 = server.connection().route53();
        let servers = ["ns-1.awsdns.com", "ns-2.awsdns.org"].map(str::to_owned).to_vec();
        assert_eq!(route53.name_servers("Z1").await.unwrap(), Some(servers));
        assert_eq!(route53.name_servers("Z1").await.unwrap(), None);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn records_of_exactly_a_name() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<ListResourceRecordSetsResponse><ResourceRecordSets>\
             <ResourceRecordSet><Name>\\052.example.com.</Name><Type>A</Type><AliasTarget><HostedZoneId>ZELB</HostedZoneId>\
             <DNSName>lb.amazonaws.com.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget></ResourceRecordSet>\
             <ResourceRecordSet><Name>\\052.example.com.</Name><Type>TXT</Type><TTL>60</TTL><ResourceRecords><ResourceRecord>\
             <Value>&quot;a b&quot;</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>\
             <ResourceRecordSet><Name>a.example.com.</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord>\
             <Value>192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>\
             </ResourceRecordSets><IsTruncated>false</IsTruncated></ListResourceRecordSetsResponse>",
        )]);
        let found = server.connection().route53().records("Z1", "*.example.com").await.unwrap();
        assert_eq!(
            found,
            [
                RecordSet::alias("*.example.com", "lb.amazonaws.com", "ZELB"),
                RecordSet::values("*.example.com.", "TXT", 60, ["\"a b\"".to_owned()])
            ]
        );
        assert!(server.requests()[0].uri.ends_with("/hostedzone/Z1/rrset?name=%2A.example.com"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn all_records_of_a_zone_are_read_page_by_page() {
        let page = |name: &str, rest: &str| {
            testing::xml(
                200,
                &format!(
                    "<ListResourceRecordSetsResponse><ResourceRecordSets><ResourceRecordSet><Name>{name}.</Name><Type>MX</Type>\
                     <TTL>60</TTL><ResourceRecords><ResourceRecord><Value>10 a.</Value></ResourceRecord></ResourceRecords>\
                     </ResourceRecordSet></ResourceRecordSets>{rest}</ListResourceRecordSetsResponse>"
                ),
            )
        };
        let next = "<IsTruncated>true</IsTruncated><NextRecordName>b.c.</NextRecordName><NextRecordType>MX</NextRecordType>";
        let server =
            testing::answers(vec![page("a.c", next), page("b.c", "<IsTruncated>false</IsTruncated>")]);
        let found = server.connection().route53().all_records("Z1").await.unwrap();
        let names: Vec<&str> = found.iter().map(|record| record.name.as_str()).collect();
        assert_eq!(names, ["a.c", "b.c"]);
        assert!(server.requests()[0].uri.ends_with("/hostedzone/Z1/rrset"));
        assert!(server.requests()[1].uri.ends_with("/hostedzone/Z1/rrset?name=b.c.&type=MX"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_change_is_one_document() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<ChangeResourceRecordSetsResponse><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status></ChangeInfo></ChangeResourceRecordSetsResponse>",
        )]);
        let route53 = server.connection().route53();
        let changes = [
            Change::Upsert(RecordSet::values("_x.example.com.", "CNAME", 300, ["_y<&>".to_owned()])),
            Change::Delete(RecordSet::alias("a.example.com", "lb.amazonaws.com.", "ZELB")),
        ];
        route53.change("Z1", &changes).await.unwrap();
        let request = &server.requests()[0];
        assert_eq!(request.method, "POST");
        assert_eq!(
            request.body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Changes>\
             <Change><Action>UPSERT</Action><ResourceRecordSet><Name>_x.example.com.</Name><Type>CNAME</Type><TTL>300</TTL>\
             <ResourceRecords><ResourceRecord><Value>_y&lt;&amp;&gt;</Value></ResourceRecord></ResourceRecords>\
             </ResourceRecordSet></Change>\
             <Change><Action>DELETE</Action><ResourceRecordSet><Name>a.example.com.</Name><Type>A</Type><AliasTarget>\
             <HostedZoneId>ZELB</HostedZoneId><DNSName>lb.amazonaws.com.</DNSName>\
             <EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget></ResourceRecordSet></Change>\
             </Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_refused_change_says_which_kind() {
        for (code, message, kind) in [
            ("PriorRequestNotComplete", "The request was rejected", Kind::Busy),
            ("NoSuchHostedZone", "No hosted zone found", Kind::NotFound),
            (
                "InvalidChangeBatch",
                "[Tried to delete resource record set [name='a.', type='A'] but it was not found]",
                Kind::NotFound,
            ),
            (
                "InvalidChangeBatch",
                "[RRSet of type CNAME with DNS name a. is not permitted]",
                Kind::InvalidRequest,
            ),
        ] {
            let server = testing::answers(vec![testing::xml_error(400, code, message)]);
            let error = server.connection().route53().change("Z1", &[]).await.unwrap_err();
            assert_eq!(error.kind, kind, "{code} {message}");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_refusal_in_the_services_own_words_is_read() {
        let server = testing::answers(vec![testing::xml(
            400,
            "<?xml version=\"1.0\"?>\n<InvalidChangeBatch xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Messages>\
             <Message>Tried to delete it but it was not found</Message></Messages><RequestId>r</RequestId></InvalidChangeBatch>",
        )]);
        let error = server.connection().route53().change("Z1", &[]).await.unwrap_err();
        assert_eq!((error.code.as_str(), error.kind), ("InvalidChangeBatch", Kind::NotFound));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_domain_of_others_is_not_registered_here() {
        let server = testing::answers(vec![
            testing::json(
                200,
                r#"{"DomainName": "example.com", "Nameservers": [{"Name": "ns-2"}, {"Name": "ns-1"}]}"#,
            ),
            testing::json_error("InvalidInput", "Domain example.com not found in account"),
        ]);
        let route53 = server.connection().route53();
        assert_eq!(
            route53.registered("example.com").await.unwrap(),
            Some(vec!["ns-1".into(), "ns-2".into()])
        );
        assert_eq!(route53.registered("example.com").await.unwrap(), None);
    }
}
