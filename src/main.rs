//! The binary: everything is in the library.

/// A request and a row of an import are hundreds of small allocations, on threads that hand them to each other.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    reparc::cli::main()
}
