//! Prices per token as somebody said them: some classes, and what follows for the rest.

use gateway_types::{TokenClass, UnitPrice};

use crate::price::Rates;

/// The prices that were said, by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said([Option<UnitPrice>; TokenClass::ALL.len()]);

impl Said {
    pub(crate) fn say(&mut self, class: TokenClass, price: UnitPrice) {
        self.0[class as usize] = Some(price);
    }

    pub(crate) fn of(&self, class: TokenClass) -> Option<UnitPrice> {
        self.0[class as usize]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// A price for every class: one that was not said costs what it would cost if its provider knew no such class. A
    /// cached token costs as much as one that is not, one kept for an hour as much as one kept for minutes, thinking and
    /// pictures as much as text.
    pub(crate) fn rates(&self) -> Rates {
        use TokenClass as Class;
        let [input, output] = [Class::Input, Class::Output].map(|class| self.of(class).unwrap_or_default());
        Class::ALL.into_iter().fold(Rates::new(input, output), |rates, class| {
            let next_best = match class {
                Class::CacheReadAudio => self.of(Class::CacheRead).or_else(|| self.of(Class::InputAudio)),
                Class::CacheWriteHour => self.of(Class::CacheWrite),
                _ => None,
            };
            match self.of(class).or(next_best) {
                Some(price) => rates.with(class, price),
                None => rates,
            }
        })
    }

    /// What it costs to keep tokens for an hour where it is said what it costs for minutes: more by as much as usually.
    fn hour(&self, usual: &Self) -> Option<UnitPrice> {
        let minutes = self.of(TokenClass::CacheWrite)?;
        let (usually, usual_minutes) = (usual.of(TokenClass::CacheWriteHour), usual.of(TokenClass::CacheWrite));
        let (Some(usually), Some(usual_minutes)) = (usually, usual_minutes.filter(|price| price.0 > 0)) else {
            return Some(minutes);
        };
        let hour = i128::from(minutes.0) * i128::from(usually.0) / i128::from(usual_minutes.0);
        i64::try_from(hour).ok().map(UnitPrice)
    }

    /// These prices, and where they are silent the usual ones: in a batch, or above a length. A class that usually costs what
    /// its direction costs does so here too.
    pub(crate) fn over(&self, usual: &Self) -> Self {
        let mut said = *self;
        if let (None, Some(price)) = (self.of(TokenClass::CacheWriteHour), self.hour(usual)) {
            said.say(TokenClass::CacheWriteHour, price);
        }
        for class in TokenClass::ALL {
            let direction = match class.is_input() {
                true => TokenClass::Input,
                false => TokenClass::Output,
            };
            let own = usual
                .of(class)
                .filter(|price| class == direction || Some(*price) != usual.of(direction));
            if let (None, Some(price)) = (said.of(class), own) {
                said.say(class, price);
            }
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(prices: &[(TokenClass, i64)]) -> Said {
        let mut said = Said::default();
        prices
            .iter()
            .for_each(|(class, price)| said.say(*class, UnitPrice(*price)));
        said
    }

    #[test]
    fn what_was_not_said_costs_as_if_there_were_no_such_class() {
        use TokenClass as Class;
        let rates = said(&[(Class::Input, 10), (Class::Output, 80), (Class::CacheWrite, 12)]).rates();
        let prices = Class::ALL.map(|class| rates.of(class).0);
        assert_eq!(prices, [10, 10, 10, 12, 12, 10, 10, 80, 80, 80, 80]);
        let rates = said(&[(Class::Input, 10), (Class::InputAudio, 30)]).rates();
        assert_eq!(rates.of(Class::CacheReadAudio).0, 30, "no cache is known of");
        let rates = said(&[(Class::Input, 10), (Class::InputAudio, 30), (Class::CacheRead, 1)]).rates();
        assert_eq!(rates.of(Class::CacheReadAudio).0, 1);
    }

    #[test]
    fn a_tier_or_a_batch_says_what_differs() {
        use TokenClass as Class;
        let usual = said(&[
            (Class::Input, 10),
            (Class::CacheRead, 1),
            (Class::InputImage, 10),
            (Class::InputAudio, 30),
            (Class::Output, 80),
            (Class::Reasoning, 80),
        ]);
        let above = said(&[(Class::Input, 20), (Class::Output, 120)]).over(&usual).rates();
        let prices = [
            Class::Input,
            Class::CacheRead,
            Class::InputImage,
            Class::InputAudio,
            Class::Reasoning,
        ];
        assert_eq!(prices.map(|class| above.of(class).0), [20, 1, 20, 30, 120]);
    }
}
