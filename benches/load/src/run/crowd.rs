//! The same call among few and among many keys, providers and rules: it must not cost more.

use super::rounds::{kilobyte, turns};
use super::{Options, Rig};
use crate::Failure;
use crate::case::PLAIN;
use crate::goal::FEW;
use crate::report::Row;
use crate::target::{Crowd, KEY, Target, Upstream, key_of};
use crate::wire::Wire;

impl Rig {
    pub(super) fn crowds(&mut self, options: &Options) -> Result<(), Failure> {
        let many = options.crowd;
        let case = if options.brief { PLAIN.brief() } else { PLAIN };
        let upstream = Upstream::start(Wire::Plain, &self.papers)?;
        let crowds = [
            [Crowd::Keys(FEW), Crowd::Keys(many)],
            [Crowd::Providers(FEW), Crowd::Providers(many / 10)],
            [Crowd::RulesOfOthers(FEW), Crowd::RulesOfOthers(many)],
            [Crowd::RulesOfAll(FEW), Crowd::RulesOfAll(many)],
        ];
        for pair in crowds {
            let names = pair.map(|crowd| crowd.to_string());
            let [few, many] = pair.map(|crowd| Target::crowded(self.binary(), &upstream, crowd));
            let targets = [few?, many?];
            let mut contestants = Vec::new();
            for (target, crowd) in targets.iter().zip(pair) {
                let key = match crowd {
                    Crowd::Keys(count) => key_of(count / 2),
                    _ => KEY.to_owned(),
                };
                contestants.push(kilobyte(&self.runtime, target, &key)?);
            }
            let row = Row::new(&format!("1 KB among {}", names.join(" and ")), "request", case.requests);
            let row = turns(&self.runtime, row, &case, &contestants, options.rounds)?;
            self.say(&row.line());
            self.report.crowds.push((row, names));
        }
        Ok(())
    }
}
