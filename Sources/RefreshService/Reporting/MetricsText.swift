/// Metrics in Prometheus' text format, version 0.0.4.
struct MetricsText {
    private(set) var bytes: [UInt8] = []

    /// Begins a metric: its help and type come before its samples.
    mutating func metric(_ name: String, _ type: String, _ help: String, _ samples: (inout Samples) -> Void) {
        line("# HELP \(name) \(help)")
        line("# TYPE \(name) \(type)")
        var found = Samples(name: name)
        samples(&found)
        bytes += found.bytes
    }

    private mutating func line(_ text: String) {
        bytes += text.utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The samples of one metric.
    struct Samples {
        let name: String
        fileprivate(set) var bytes: [UInt8] = []

        fileprivate init(name: String) { self.name = name }

        mutating func value(_ number: UInt64, _ labels: [(String, String)] = []) {
            sample(name, labels, String(number))
        }

        mutating func value(_ number: Int, _ labels: [(String, String)] = []) { sample(name, labels, String(number)) }

        mutating func value(_ truth: Bool, _ labels: [(String, String)] = []) {
            sample(name, labels, truth ? "1" : "0")
        }

        mutating func value(_ number: Double, _ labels: [(String, String)] = []) {
            sample(name, labels, decimal(number, places: 6))
        }

        mutating func histogram(_ histogram: Histogram, _ labels: [(String, String)] = []) {
            var below: UInt64 = 0
            for (index, bound) in histogram.bounds.enumerated() {
                below += histogram.counts[index]
                sample(name + "_bucket", labels + [("le", Self.bound(bound))], String(below))
            }
            sample(name + "_bucket", labels + [("le", "+Inf")], String(histogram.count))
            sample(name + "_sum", labels, decimal(histogram.sum, places: 6))
            sample(name + "_count", labels, String(histogram.count))
        }

        private static func bound(_ bound: Double) -> String {
            bound == bound.rounded() ? String(Int(bound)) : "\(bound)"
        }

        private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: String) {
            bytes += name.utf8
            if !labels.isEmpty {
                let list = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
                bytes += "{\(list)}".utf8
            }
            bytes += " \(value)\n".utf8
        }

        private static func escaped(_ text: String) -> String {
            var escaped = ""
            // Not by Characters: a quote with a combining mark, and a line break of two, would be others.
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\\": escaped += "\\\\"
                case "\"": escaped += "\\\""
                case "\n": escaped += "\\n"
                default: escaped.unicodeScalars.append(scalar)
                }
            }
            return escaped
        }
    }
}
