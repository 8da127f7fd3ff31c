//! A deployment of an ECS service that moves traffic to a new version beside the old one: where it is, and in words.

use serde::{Deserialize, Serialize};

/// Milliseconds of a minute, the unit of ECS's bake times.
const MINUTE: i64 = 60_000;

/// A service deployment of ECS's with one of its strategies `BLUE_GREEN`, `CANARY`, `LINEAR`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Shift {
    /// Its id: the last part of the service deployment's ARN.
    pub id: String,
    /// `BLUE_GREEN`, `CANARY` or `LINEAR`.
    pub strategy: String,
    /// `PENDING`, `IN_PROGRESS`, `SUCCESSFUL`, `STOP_REQUESTED`, `STOPPED`, `ROLLBACK_REQUESTED`, `ROLLBACK_IN_PROGRESS`,
    /// `ROLLBACK_SUCCESSFUL`, `ROLLBACK_FAILED`.
    pub status: String,
    /// ECS's reason for the status; empty without one.
    pub reason: String,
    /// Its lifecycle stage, such as `SCALE_UP`, `PRODUCTION_TRAFFIC_SHIFT`, `BAKE_TIME`, `CLEAN_UP`; empty before the first.
    pub stage: String,
    /// Since when it is in this stage, in milliseconds since the Unix epoch.
    pub stage_since: i64,
    /// Since when traffic is shared as it is, in milliseconds since the Unix epoch.
    pub traffic_since: i64,
    /// How production traffic is shared; none while ECS does not say.
    pub production: Option<Share>,
    /// How test traffic is shared; none without any.
    pub test: Option<Share>,
    /// Minutes that the old version stays ready after all traffic went over.
    pub bake_minutes: u32,
    /// Percent of the traffic that goes first (canary) or with each step (linear); none with blue/green.
    pub step_percent: Option<f64>,
    /// Minutes before the next part follows; 0 with blue/green.
    pub step_bake_minutes: u32,
    /// Names of the alarms that take it back.
    pub alarms: Vec<String>,
    /// Names of those that rang.
    pub ringing: Vec<String>,
}

/// Percent of the traffic that each version is meant to get, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Share {
    /// Of the old version.
    pub old: f64,
    /// Of the new version.
    pub new: f64,
}

/// What goes on in a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The new version starts, and no traffic goes to it.
    Start,
    /// Test traffic goes over.
    Test,
    /// Traffic goes over.
    Move,
    /// A part of the traffic went over; the next one follows after a time.
    Step,
    /// All traffic went over; the old version stays ready for a time.
    Bake,
    /// The old version ends.
    CleanUp,
    /// It is being taken back.
    Back,
    /// It is over.
    Over,
}

impl Shift {
    /// What goes on.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.status.as_str() {
            "SUCCESSFUL" | "STOPPED" | "ROLLBACK_SUCCESSFUL" | "ROLLBACK_FAILED" => return Phase::Over,
            "STOP_REQUESTED" | "ROLLBACK_REQUESTED" | "ROLLBACK_IN_PROGRESS" => return Phase::Back,
            _ => {}
        }
        let new = self.production.map_or(0.0, |share| share.new);
        match self.stage.as_str() {
            "TEST_TRAFFIC_SHIFT" | "POST_TEST_TRAFFIC_SHIFT" => Phase::Test,
            "BAKE_TIME" => Phase::Bake,
            "CLEAN_UP" => Phase::CleanUp,
            stage if stage.contains("PRODUCTION_TRAFFIC_SHIFT") => {
                let part = new > 0.0 && new < 100.0 && self.step_percent.is_some();
                if part { Phase::Step } else { Phase::Move }
            }
            _ => Phase::Start,
        }
    }

    /// Whether it did not end well, or will not.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        !matches!(self.status.as_str(), "" | "PENDING" | "IN_PROGRESS" | "SUCCESSFUL")
    }

    /// The strategy as the manifest calls it.
    #[must_use]
    pub fn word(&self) -> &str {
        match self.strategy.as_str() {
            "BLUE_GREEN" => "blue_green",
            "CANARY" => "canary",
            "LINEAR" => "linear",
            other => other,
        }
    }

    /// How traffic is shared, such as `10% new, 90% old`; empty while that is not known.
    #[must_use]
    pub fn shares(&self) -> String {
        self.production
            .map(|share| match share.old {
                old if old > 0.0 || share.new < 100.0 => {
                    format!("{}% new, {}% old", rounded(share.new), rounded(old))
                }
                _ => "100% new".to_owned(),
            })
            .unwrap_or_default()
    }

    /// What it waits for, in words that stay the same as long as the phase; with `now` (milliseconds since the Unix epoch) how
    /// much of a bake time is over.
    #[must_use]
    pub fn words(&self, now: Option<i64>) -> String {
        match self.phase() {
            Phase::Start => "starting the new version, without traffic".to_owned(),
            Phase::Test => "moving test traffic to the new version".to_owned(),
            Phase::Move => "moving traffic to the new version".to_owned(),
            Phase::Step => {
                let time = wait(now, self.traffic_since, self.step_bake_minutes);
                let next = self.next_share().map_or("the rest follows".to_owned(), |next| {
                    format!("the new version gets {}%", rounded(next))
                });
                format!("traffic step: {time}, then {next}")
            }
            Phase::Bake => {
                let time = wait(now, self.stage_since, self.bake_minutes);
                format!("bake time: {time}, then the old tasks end")
            }
            Phase::CleanUp => "ending the old tasks".to_owned(),
            Phase::Back => "moving traffic back to the old version".to_owned(),
            Phase::Over if self.has_failed() => "taken back".to_owned(),
            Phase::Over => "all traffic goes to the new version".to_owned(),
        }
    }

    /// The manifest's field that says how long a part of the traffic is waited with.
    #[must_use]
    pub fn step_field(&self) -> &'static str {
        if self.strategy == "CANARY" { "deployment.canary.bake_time" } else { "deployment.linear.bake_time" }
    }

    /// Percent that the new version gets after this step; none when that is all.
    fn next_share(&self) -> Option<f64> {
        let step = self.step_percent.filter(|_| self.strategy == "LINEAR")?;
        let next = self.production?.new + step;
        (next < 100.0).then_some(next)
    }

    /// Since when a time runs that is set, in milliseconds since the Unix epoch; none when none runs.
    #[must_use]
    pub fn since(&self) -> Option<i64> {
        match self.phase() {
            Phase::Step => Some(self.traffic_since),
            Phase::Bake => Some(self.stage_since),
            _ => None,
        }
    }
}

/// `3 of 10 min`, or `10 min` without a clock.
fn wait(now: Option<i64>, since: i64, minutes: u32) -> String {
    match now {
        Some(now) => {
            let over = (now.saturating_sub(since) / MINUTE).clamp(0, i64::from(minutes));
            format!("{over} of {minutes} min")
        }
        None => format!("{minutes} min"),
    }
}

/// Percents have at most one digit behind the point.
fn rounded(percent: f64) -> f64 {
    (percent * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(strategy: &str, stage: &str, new: f64) -> Shift {
        Shift {
            strategy: strategy.into(),
            status: "IN_PROGRESS".into(),
            stage: stage.into(),
            production: Some(Share { old: 100.0 - new, new }),
            bake_minutes: 10,
            step_percent: (strategy != "BLUE_GREEN").then_some(10.0),
            step_bake_minutes: 6,
            ..Shift::default()
        }
    }

    #[test]
    fn stages_and_shares_are_told_in_words() {
        let over = Some(90_000);
        let (starting, moving) =
            ("starting the new version, without traffic", "moving traffic to the new version");
        for (strategy, stage, new, now, words) in [
            ("BLUE_GREEN", "SCALE_UP", 0.0, over, starting),
            ("BLUE_GREEN", "", 0.0, over, starting),
            ("BLUE_GREEN", "TEST_TRAFFIC_SHIFT", 0.0, over, "moving test traffic to the new version"),
            ("BLUE_GREEN", "PRODUCTION_TRAFFIC_SHIFT", 50.0, over, moving),
            (
                "CANARY",
                "PRODUCTION_TRAFFIC_SHIFT",
                10.0,
                over,
                "traffic step: 1 of 6 min, then the rest follows",
            ),
            (
                "LINEAR",
                "PRE_PRODUCTION_TRAFFIC_SHIFT",
                30.0,
                over,
                "traffic step: 1 of 6 min, then the new version gets 40%",
            ),
            ("LINEAR", "PRODUCTION_TRAFFIC_SHIFT", 90.0, None, "traffic step: 6 min, then the rest follows"),
            ("LINEAR", "BAKE_TIME", 100.0, over, "bake time: 1 of 10 min, then the old tasks end"),
            ("LINEAR", "BAKE_TIME", 100.0, Some(i64::MAX), "bake time: 10 of 10 min, then the old tasks end"),
            ("LINEAR", "BAKE_TIME", 100.0, None, "bake time: 10 min, then the old tasks end"),
            ("CANARY", "CLEAN_UP", 100.0, None, "ending the old tasks"),
        ] {
            assert_eq!(shift(strategy, stage, new).words(now), words, "{strategy} {stage}");
        }
    }

    #[test]
    fn a_status_counts_more_than_a_stage() {
        let mut taken_back = shift("CANARY", "BAKE_TIME", 100.0);
        assert!(!taken_back.has_failed());
        for (status, phase) in [
            ("ROLLBACK_REQUESTED", Phase::Back),
            ("ROLLBACK_IN_PROGRESS", Phase::Back),
            ("STOP_REQUESTED", Phase::Back),
            ("ROLLBACK_SUCCESSFUL", Phase::Over),
            ("ROLLBACK_FAILED", Phase::Over),
            ("STOPPED", Phase::Over),
        ] {
            taken_back.status = status.into();
            assert_eq!((taken_back.phase(), taken_back.has_failed()), (phase, true), "{status}");
        }
        taken_back.status = "SUCCESSFUL".into();
        assert_eq!((taken_back.phase(), taken_back.has_failed()), (Phase::Over, false));
    }

    #[test]
    fn shares_have_at_most_one_digit_behind_the_point() {
        assert_eq!(shift("CANARY", "PRODUCTION_TRAFFIC_SHIFT", 0.1).shares(), "0.1% new, 99.9% old");
        assert_eq!(shift("CANARY", "BAKE_TIME", 100.0).shares(), "100% new");
        assert_eq!(Shift::default().shares(), "");
    }
}
