//! The transport over real sockets: hyper, rustls, proxies.
