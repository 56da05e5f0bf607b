//! Where the scripted vendors are: a port of this machine for each.

use std::io;
use std::net::TcpListener;

use crate::vendors::Vendor;

/// The port of each vendor.
#[derive(Clone, Debug)]
pub(crate) struct Places(Vec<(u16, Vendor)>);

impl Places {
    /// Takes free ports. The listeners keep them until they are served.
    pub(crate) fn take() -> io::Result<(Self, Vec<(Vendor, TcpListener)>)> {
        let mut listeners = Vec::new();
        let mut places = Vec::new();
        for vendor in Vendor::ALL {
            let listener = TcpListener::bind(("127.0.0.1", 0))?;
            places.push((listener.local_addr()?.port(), vendor));
            listeners.push((vendor, listener));
        }
        Ok((Self(places), listeners))
    }

    /// Who is there.
    pub(crate) fn vendor(&self, port: u16) -> Option<Vendor> {
        let found = self.0.iter().find(|(at, _)| *at == port);
        found.map(|(_, vendor)| *vendor)
    }

    /// The address of one.
    pub(crate) fn url(&self, vendor: Vendor) -> String {
        let found = self.0.iter().find(|(_, at)| *at == vendor);
        format!("http://127.0.0.1:{}", found.map_or(0, |(port, _)| *port))
    }
}
