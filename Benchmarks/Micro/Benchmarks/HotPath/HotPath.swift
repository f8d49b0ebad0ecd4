import Benchmark

// What the plugin's generated program runs: every benchmark there is, a file a subject.
let benchmarks: @Sendable () -> Void = {
    Queueing.register()
    Routing.register()
    Statements.register()
    CommandWriting.register()
    ReplyReading.register()
}
