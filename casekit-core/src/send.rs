//! The one place that knows that a browser's futures are not [`Send`].
//!
//! Natively every future of casekit is `Send`, so that a multi-threaded runtime can run it. In
//! wasm a JavaScript promise lives on one thread, and asking for `Send` would shut out every store
//! and plugin written there.

#[cfg(not(target_family = "wasm"))]
mod bound {
    /// `Send` natively, nothing in wasm.
    pub trait MaybeSend: Send {}
    impl<T: Send + ?Sized> MaybeSend for T {}

    /// `Sync` natively, nothing in wasm.
    pub trait MaybeSync: Sync {}
    impl<T: Sync + ?Sized> MaybeSync for T {}

    /// A boxed future that is `Send` natively.
    pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
}

#[cfg(target_family = "wasm")]
mod bound {
    /// `Send` natively, nothing in wasm.
    pub trait MaybeSend {}
    impl<T: ?Sized> MaybeSend for T {}

    /// `Sync` natively, nothing in wasm.
    pub trait MaybeSync {}
    impl<T: ?Sized> MaybeSync for T {}

    /// A boxed future that is `Send` natively.
    pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + 'a>>;
}

pub use bound::{BoxFuture, MaybeSend, MaybeSync};
