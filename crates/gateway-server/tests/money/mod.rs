//! Money, from outside: vendors with books of their own, crowds of clients that spend far more than they may, and a
//! gateway that is killed. At the end its ledger must say what the vendors say.

mod crash;
mod crowd;
mod overrun;
mod statement;
mod vendor;
