//! One entry as bytes. Its id stands beside its record, its names stand once in the segment; here are their numbers.
//!
//! The places of classes and measures in [`TokenClass::ALL`] and [`Measure::ALL`] are part of the format.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_governance::entry::{Amount, Charge, ENTRY_VERSION, Entry, Leg, Tags};
use gateway_governance::price::PricedBy;
use gateway_governance::quota::{Unit, WindowNo};
use gateway_types::{
    Basis, Billable, CustomerId, EntryId, KeyId, Measure, Metered, ModelName, NanoUsd, Operation, Org, PicoUsd,
    ProviderName, QuotaId, RequestId, TeamId, TokenClass, UnitPrice, Usage, VirtualKeyId, Wall,
};
use uuid::Uuid;

use super::names::{Names, Numbered};
use super::wire::{Reader, put, put_bytes, put_signed, put_wide};

/// The bits that say what a usage has: a class each, a measure each, and two amounts.
const MEASURES: usize = TokenClass::ALL.len();
const CHARGED: u64 = 1 << (MEASURES + Measure::ALL.len());
const COST: u64 = CHARGED << 1;

/// The bits of a leg.
const UNPRICED: u8 = 1;
const BASIS: u8 = 1;
const PRICED_BY: u8 = 3;

/// Why a record is no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sqlite::ledger) enum Unreadable {
    /// It is of a format that this build does not know.
    Newer(u32),
    /// It is of none.
    Broken,
}

/// Writes an entry.
pub(super) fn write<'a>(entry: &'a Entry, names: &mut Numbered<'a>, out: &mut Vec<u8>) {
    put(out, entry.v.into());
    put_signed(out, entry.at.millis());
    out.extend_from_slice(entry.request.uuid().as_bytes());
    for party in [
        entry.virtual_key.as_ref().map(|key| key.as_str()),
        entry.team.as_ref().map(|team| team.as_str()),
        entry.customer.as_ref().map(|customer| customer.as_str()),
    ] {
        put(out, party.map_or(0, |name| names.number(name)));
    }
    put(out, names.number(entry.operation.as_str()));
    put(out, entry.tags.len() as u64);
    for (name, value) in entry.tags.iter() {
        put(out, names.number(name));
        put_bytes(out, value.as_bytes());
    }
    put(out, entry.legs.len() as u64);
    for leg in &entry.legs {
        write_leg(leg, names, out);
    }
    put(out, entry.charges.len() as u64);
    for charge in &entry.charges {
        put(out, names.number(charge.quota.as_str()));
        put(out, charge.window.0);
        out.push(unit(charge.unit));
        put_signed(out, charge.amount);
        put_signed(out, charge.overrun);
    }
    put_signed(out, entry.total.0);
}

fn write_leg<'a>(leg: &'a Leg, names: &mut Numbered<'a>, out: &mut Vec<u8>) {
    put(out, names.number(leg.provider.as_str()));
    put(out, names.number(leg.key.as_str()));
    put(out, names.number(leg.model.as_str()));
    let basis = match leg.metered.basis {
        Basis::Reported => 0,
        Basis::Counted => 1,
        Basis::Estimated => 2,
    };
    let (priced_by, own) = match &leg.priced_by {
        PricedBy::Catalogue => (0, None),
        PricedBy::Override(id) => (1, Some(id)),
        PricedBy::Unknown => (2, None),
        PricedBy::Provider => (3, None),
    };
    out.push((u8::from(leg.unpriced) * UNPRICED) | (basis << BASIS) | (priced_by << PRICED_BY));
    if let Some(id) = own {
        put(out, names.number(id));
    }
    write_metered(&leg.metered, out);
    put(out, leg.amounts.len() as u64);
    for line in &leg.amounts {
        out.push(billable(line.class));
        put(out, line.tokens);
        put_signed(out, line.price.0);
        put_wide(out, line.amount.0);
    }
    put_signed(out, leg.cost.0);
    put_signed(out, leg.overrun.0);
}

fn write_metered(metered: &Metered, out: &mut Vec<u8>) {
    let Metered { usage, cost, .. } = metered;
    let classes = TokenClass::ALL.map(|class| usage.of(class));
    let measures = Measure::ALL.map(|measure| usage.units.get(measure));
    let counts = || classes.iter().chain(&measures).copied();
    let mut has = (0..)
        .zip(counts())
        .fold(0, |has, (place, count)| has | u64::from(count != 0) << place);
    has |= usage.charged.map_or(0, |_| CHARGED) | cost.map_or(0, |_| COST);
    put(out, has);
    for count in counts().filter(|count| *count != 0) {
        put(out, count);
    }
    for amount in [usage.charged, *cost].into_iter().flatten() {
        put_signed(out, amount.0);
    }
}

/// Reads an entry of any format up to this one.
pub(super) fn read(record: &[u8], id: EntryId, org: &Org, names: &Names) -> Result<Entry, Unreadable> {
    let mut reader = Reader(record);
    match reader.number().and_then(|v| u32::try_from(v).ok()) {
        Some(v) if v > ENTRY_VERSION => Err(Unreadable::Newer(v)),
        Some(v) if v > 0 => {
            let entry = read_entry(&mut reader, v, id, org, names).filter(|_| reader.is_empty());
            entry.ok_or(Unreadable::Broken)
        }
        _ => Err(Unreadable::Broken),
    }
}

fn read_entry(reader: &mut Reader<'_>, v: u32, id: EntryId, org: &Org, names: &Names) -> Option<Entry> {
    let at = Wall::from_millis(reader.signed()?);
    let request = RequestId::from(Uuid::from_slice(reader.take(16)?).ok()?);
    let virtual_key = names.some(reader)?.cloned().map(VirtualKeyId::new);
    let team = names.some(reader)?.cloned().map(TeamId::new);
    let customer = names.some(reader)?.cloned().map(CustomerId::new);
    let word = names.one(reader)?;
    let operation = Operation::ALL.into_iter().find(|known| known.as_str() == &**word)?;
    let tags = read_tags(reader, names)?;
    let legs = list(reader, |reader| read_leg(reader, names))?;
    let charges = list(reader, |reader| read_charge(reader, names))?;
    Some(Entry {
        v,
        id,
        org: org.clone(),
        at,
        request,
        virtual_key,
        team,
        customer,
        tags,
        operation,
        legs,
        charges,
        total: NanoUsd(reader.signed()?),
    })
}

fn list<T>(reader: &mut Reader<'_>, mut each: impl FnMut(&mut Reader<'_>) -> Option<T>) -> Option<Vec<T>> {
    let length = usize::try_from(reader.number()?).ok()?;
    // Each takes a byte at least: a length beyond what is left is none.
    let mut list = Vec::with_capacity(length.min(reader.0.len()));
    for _ in 0..length {
        list.push(each(reader)?);
    }
    Some(list)
}

fn read_tags(reader: &mut Reader<'_>, names: &Names) -> Option<Tags> {
    let tags: Vec<(String, String)> = list(reader, |reader| {
        Some((String::from(&**names.one(reader)?), String::from(reader.text()?)))
    })?;
    Some(Arc::new(BTreeMap::from_iter(tags)))
}

fn read_charge(reader: &mut Reader<'_>, names: &Names) -> Option<Charge> {
    Some(Charge {
        quota: QuotaId::new(Arc::clone(names.one(reader)?)),
        window: WindowNo(reader.number()?),
        unit: match reader.byte()? {
            0 => Unit::NanoUsd,
            1 => Unit::Requests,
            2 => Unit::Tokens,
            3 => Unit::InFlight,
            _ => return None,
        },
        amount: reader.signed()?,
        overrun: reader.signed()?,
    })
}

fn read_leg(reader: &mut Reader<'_>, names: &Names) -> Option<Leg> {
    let provider = ProviderName::new(Arc::clone(names.one(reader)?));
    let key = KeyId::new(Arc::clone(names.one(reader)?));
    let model = ModelName::new(Arc::clone(names.one(reader)?));
    let bits = reader.byte()?;
    let basis = match bits >> BASIS & 3 {
        0 => Basis::Reported,
        1 => Basis::Counted,
        2 => Basis::Estimated,
        _ => return None,
    };
    let priced_by = match bits >> PRICED_BY {
        0 => PricedBy::Catalogue,
        1 => PricedBy::Override(Arc::clone(names.one(reader)?)),
        2 => PricedBy::Unknown,
        3 => PricedBy::Provider,
        _ => return None,
    };
    Some(Leg {
        provider,
        key,
        model,
        metered: read_metered(reader, basis)?,
        amounts: list(reader, read_line)?,
        cost: NanoUsd(reader.signed()?),
        unpriced: bits & UNPRICED != 0,
        overrun: NanoUsd(reader.signed()?),
        priced_by,
    })
}

fn read_metered(reader: &mut Reader<'_>, basis: Basis) -> Option<Metered> {
    let has = reader.number()?;
    let mut usage = Usage::default();
    for (place, class) in TokenClass::ALL.into_iter().enumerate() {
        if has & 1 << place != 0 {
            *count_of(&mut usage, class) = reader.number()?;
        }
    }
    for (place, measure) in Measure::ALL.into_iter().enumerate() {
        if has & 1 << (MEASURES + place) != 0 {
            usage.units = usage.units.with(measure, reader.number()?);
        }
    }
    let mut amount = |bit| {
        if has & bit == 0 {
            return Some(None);
        }
        reader.signed().map(|amount| Some(NanoUsd(amount)))
    };
    usage.charged = amount(CHARGED)?;
    let cost = amount(COST)?;
    Some(Metered { usage, basis, cost })
}

const fn count_of(usage: &mut Usage, class: TokenClass) -> &mut u64 {
    match class {
        TokenClass::Input => &mut usage.input,
        TokenClass::CacheRead => &mut usage.cache_read,
        TokenClass::CacheReadAudio => &mut usage.cache_read_audio,
        TokenClass::CacheWrite => &mut usage.cache_write,
        TokenClass::CacheWriteHour => &mut usage.cache_write_hour,
        TokenClass::InputAudio => &mut usage.input_audio,
        TokenClass::InputImage => &mut usage.input_image,
        TokenClass::Output => &mut usage.output,
        TokenClass::Reasoning => &mut usage.reasoning,
        TokenClass::OutputAudio => &mut usage.output_audio,
        TokenClass::OutputImage => &mut usage.output_image,
    }
}

fn read_line(reader: &mut Reader<'_>) -> Option<Amount> {
    let code = reader.byte()?;
    let class = match code.checked_sub(MEASURE) {
        None => Billable::Tokens(*TokenClass::ALL.get(usize::from(code))?),
        Some(measure) => Billable::Units(*Measure::ALL.get(usize::from(measure))?),
    };
    Some(Amount {
        class,
        tokens: reader.number()?,
        price: UnitPrice(reader.signed()?),
        amount: PicoUsd(reader.wide()?),
    })
}

/// Where measures begin among what is billed.
const MEASURE: u8 = 128;

fn billable(class: Billable) -> u8 {
    let place = |place: Option<usize>| place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX);
    match class {
        Billable::Tokens(class) => place(TokenClass::ALL.iter().position(|known| *known == class)),
        Billable::Units(measure) => {
            place(Measure::ALL.iter().position(|known| *known == measure)).saturating_add(MEASURE)
        }
    }
}

const fn unit(unit: Unit) -> u8 {
    match unit {
        Unit::NanoUsd => 0,
        Unit::Requests => 1,
        Unit::Tokens => 2,
        Unit::InFlight => 3,
    }
}
