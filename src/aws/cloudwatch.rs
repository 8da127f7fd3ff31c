//! CloudWatch: alarms, and what an account uses.

use serde::Deserialize;

use super::query::{self, Api, Form, Protocol};
use super::{Connection, Error};

const API: Api = Api {
    name: "CloudWatch",
    id: "CloudWatch",
    prefix: "monitoring",
    protocol: Protocol::Query { version: "2010-08-01" },
};

/// Most alarms one call describes by name.
const NAMES: usize = 100;

/// The door to CloudWatch.
#[derive(Debug, Clone)]
pub struct CloudWatch(Connection);

impl Connection {
    /// The door to CloudWatch.
    #[must_use]
    pub fn cloudwatch(&self) -> CloudWatch {
        CloudWatch(self.clone())
    }
}

/// An alarm on a metric.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Alarm {
    /// Its ARN.
    #[serde(rename = "AlarmArn")]
    pub arn: String,
    /// Its name.
    #[serde(rename = "AlarmName")]
    pub name: String,
    /// What it is for, in its owner's words.
    #[serde(rename = "AlarmDescription")]
    pub description: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    #[serde(rename = "StateValue")]
    pub state: String,
    /// Why it has this state, in CloudWatch's words.
    #[serde(rename = "StateReason")]
    pub reason: String,
    /// When its state last changed, RFC 3339.
    #[serde(rename = "StateUpdatedTimestamp")]
    pub updated: String,
    /// The metric it watches; empty for one that watches an expression.
    pub metric_name: String,
    /// How values are compared with the threshold, such as `GreaterThanThreshold`.
    pub comparison_operator: String,
    /// The threshold; `None` for a band.
    pub threshold: Option<f64>,
    /// Seconds of a period; `None` for one that watches an expression.
    pub period: Option<u32>,
    /// Periods that are looked at.
    pub evaluation_periods: Option<u32>,
    /// Periods of them that must be over the threshold; `None`: all of them.
    pub datapoints_to_alarm: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    describe_alarms_result: Found,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Found {
    metric_alarms: Members,
    next_token: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Members {
    member: Vec<Alarm>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Measured {
    get_metric_data_result: Results,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Results {
    metric_data_results: Series,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Series {
    member: Vec<Line>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Line {
    values: Values,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Values {
    member: Vec<f64>,
}

/// How long back the use of a resource is looked for, in seconds: it is published every few minutes.
const USAGE_WINDOW: i64 = 30 * 60;

impl CloudWatch {
    /// How much the account has of a resource in the region, as AWS last counted it within half an hour before `now`
    /// (milliseconds since the Unix epoch): the metric `ResourceCount` of `AWS/Usage` (GetMetricData). `None` when nothing was
    /// counted. <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/monitoring-fargate-usage.html>
    ///
    /// # Errors
    /// Whatever CloudWatch reports.
    pub async fn usage(
        &self,
        (service, resource, class): (&str, &str, &str),
        now: i64,
    ) -> Result<Option<f64>, Error> {
        let time =
            |seconds: i64| jiff::Timestamp::from_second(seconds).map(|at| at.to_string()).unwrap_or_default();
        let end = now / 1000;
        let mut form = Form::default()
            .with("StartTime", &time(end - USAGE_WINDOW))
            .with("EndTime", &time(end))
            .with("ScanBy", "TimestampDescending")
            .with("MetricDataQueries.member.1.Id", "usage");
        let metric = "MetricDataQueries.member.1.MetricStat";
        form = form
            .with(&format!("{metric}.Metric.Namespace"), "AWS/Usage")
            .with(&format!("{metric}.Metric.MetricName"), "ResourceCount");
        let dimensions =
            [("Service", service), ("Type", "Resource"), ("Resource", resource), ("Class", class)];
        for (at, (name, value)) in dimensions.into_iter().enumerate() {
            let dimension = format!("{metric}.Metric.Dimensions.member.{}", at + 1);
            form = form.with(&format!("{dimension}.Name"), name).with(&format!("{dimension}.Value"), value);
        }
        form = form.with(&format!("{metric}.Period"), "300").with(&format!("{metric}.Stat"), "Maximum");
        let answer: Measured = query::xml(&self.0, API, "GetMetricData", form).await?;
        let mut lines = answer.get_metric_data_result.metric_data_results.member.into_iter();
        Ok(lines.next().and_then(|line| line.values.member.first().copied()))
    }

    /// The metric alarms whose names begin with `prefix`, by name (DescribeAlarms, all pages).
    ///
    /// # Errors
    /// Whatever CloudWatch reports.
    pub async fn alarms_with_prefix(&self, prefix: &str) -> Result<Vec<Alarm>, Error> {
        self.alarms(Form::default().with("AlarmNamePrefix", prefix)).await
    }

    /// The metric alarms with these names, those that exist, by name (DescribeAlarms, 100 a call).
    ///
    /// # Errors
    /// Whatever CloudWatch reports.
    pub async fn alarms_named(&self, names: &[&str]) -> Result<Vec<Alarm>, Error> {
        let mut found = vec![];
        for batch in names.chunks(NAMES) {
            found
                .extend(self.alarms(Form::default().list("AlarmNames.member", batch.iter().copied())).await?);
        }
        found.sort_by(|a: &Alarm, b| a.name.cmp(&b.name));
        Ok(found)
    }

    async fn alarms(&self, form: Form) -> Result<Vec<Alarm>, Error> {
        let form = form.with("MaxRecords", "100").list("AlarmTypes.member", ["MetricAlarm"]);
        let mut found = query::pages(|token| {
            let form = match token {
                Some(token) => form.clone().with("NextToken", &token),
                None => form.clone(),
            };
            async move {
                let answer: Answer = query::xml(&self.0, API, "DescribeAlarms", form).await?;
                let found = answer.describe_alarms_result;
                Ok((found.metric_alarms.member, found.next_token))
            }
        })
        .await?;
        found.sort_by(|a: &Alarm, b| a.name.cmp(&b.name));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;

    const ALARM: &str = "<member><AlarmName>shop-test-api-CopilotRollbackCPUAlarm</AlarmName>\
        <AlarmArn>arn:aws:cloudwatch:eu-west-1:1:alarm:shop-test-api-CopilotRollbackCPUAlarm</AlarmArn>\
        <Dimensions><member><Name>ClusterName</Name><Value>c</Value></member></Dimensions>\
        <StateValue>OK</StateValue><StateUpdatedTimestamp>2026-01-02T03:04:05.678Z</StateUpdatedTimestamp>\
        <MetricName>CPUUtilization</MetricName><ComparisonOperator>GreaterThanThreshold</ComparisonOperator>\
        <Threshold>70.0</Threshold><Period>60</Period><EvaluationPeriods>2</EvaluationPeriods></member>";

    fn answer(alarms: &str) -> testing::Answer {
        testing::xml(
            200,
            &format!(
                "<DescribeAlarmsResponse><DescribeAlarmsResult>{alarms}</DescribeAlarmsResult></DescribeAlarmsResponse>"
            ),
        )
    }

    #[tokio::test(flavor = "current_thread")]
    async fn alarms_are_found_over_pages() {
        let server = testing::answers(vec![
            answer("<MetricAlarms/><CompositeAlarms/><NextToken>n</NextToken>"),
            answer(&format!("<MetricAlarms>{ALARM}</MetricAlarms>")),
        ]);
        let found = server.connection().cloudwatch().alarms_with_prefix("shop-test-api-").await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].threshold, found[0].period, found[0].datapoints_to_alarm),
            (Some(70.0), Some(60), None)
        );
        let bodies: Vec<String> = server.requests().into_iter().map(|request| request.body).collect();
        assert_eq!(
            bodies[1],
            "Action=DescribeAlarms&Version=2010-08-01&AlarmNamePrefix=shop-test-api-&MaxRecords=100&AlarmTypes.member.1=MetricAlarm&NextToken=n"
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_newest_count_is_taken() {
        let measured = |values: &str| {
            testing::xml(
                200,
                &format!(
                    "<GetMetricDataResponse><GetMetricDataResult><MetricDataResults><member><Id>usage</Id><Label>ResourceCount</Label>\
                     <StatusCode>Complete</StatusCode><Timestamps/>{values}</member></MetricDataResults></GetMetricDataResult></GetMetricDataResponse>"
                ),
            )
        };
        let server = testing::answers(vec![
            measured("<Values><member>5.5</member><member>2.0</member></Values>"),
            measured("<Values/>"),
        ]);
        let door = server.connection().cloudwatch();
        let asked = ("Fargate", "vCPU", "Standard/OnDemand");
        assert_eq!(door.usage(asked, 1_767_225_600_000).await, Ok(Some(5.5)));
        assert_eq!(door.usage(asked, 1_767_225_600_000).await, Ok(None));
        let metric = "MetricDataQueries.member.1.MetricStat.Metric";
        assert_eq!(
            server.requests()[0].body,
            format!(
                "Action=GetMetricData&Version=2010-08-01&StartTime=2025-12-31T23:30:00Z&EndTime=2026-01-01T00:00:00Z&ScanBy=TimestampDescending\
                 &MetricDataQueries.member.1.Id=usage&{metric}.Namespace=AWS/Usage&{metric}.MetricName=ResourceCount\
                 &{metric}.Dimensions.member.1.Name=Service&{metric}.Dimensions.member.1.Value=Fargate\
                 &{metric}.Dimensions.member.2.Name=Type&{metric}.Dimensions.member.2.Value=Resource\
                 &{metric}.Dimensions.member.3.Name=Resource&{metric}.Dimensions.member.3.Value=vCPU\
                 &{metric}.Dimensions.member.4.Name=Class&{metric}.Dimensions.member.4.Value=Standard/OnDemand\
                 &MetricDataQueries.member.1.MetricStat.Period=300&MetricDataQueries.member.1.MetricStat.Stat=Maximum"
            )
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn names_are_asked_for_in_batches() {
        let server = testing::answers(vec![answer("<MetricAlarms/>")]);
        let names: Vec<String> = (0..101).map(|at| format!("alarm-{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(server.connection().cloudwatch().alarms_named(&names).await, Ok(vec![]));
        assert_eq!(server.requests().len(), 2);
    }
}
