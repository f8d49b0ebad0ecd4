import Benchmark
import Glibc

extension BenchmarkMetric {
    /// The thread's own time in user mode and in the kernel: what else the machine does is not in it.
    ///
    /// The package's own `cpuTotal` counts in hundredths of a second, which are longer than most runs.
    static let threadTime = BenchmarkMetric.custom("CPU (ns)", polarity: .prefersSmaller, useScalingFactor: true)
}

/// Adds a benchmark whose `body` does what `factor` says, a thousand things or a million, each time it is called.
///
/// One call is made before anything is measured, so that tables and buffers have their size.
func measured(
    _ name: String, factor: BenchmarkScalingFactor = .kilo, _ body: @escaping (_ count: Int) -> Void
) {
    let configuration = Benchmark.Configuration(
        metrics: [.wallClock, .throughput, .threadTime, .instructions], timeUnits: .nanoseconds, scalingFactor: factor,
        maxDuration: .seconds(factor == .kilo ? 1 : 5), maxIterations: 100_000)
    Benchmark(name, configuration: configuration) { benchmark in
        benchmark.startMeasurement()
        let before = threadTime()
        body(factor.rawValue)
        let spent = threadTime() - before
        benchmark.stopMeasurement()
        benchmark.measurement(.threadTime, spent)
    }
}

/// Nanoseconds of processor time that the calling thread has used.
private func threadTime() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
