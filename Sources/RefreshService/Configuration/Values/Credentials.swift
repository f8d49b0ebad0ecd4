/// The secrets that systemd's `LoadCredential=` hands to the service, as files of one directory.
struct Credentials {
    /// `$CREDENTIALS_DIRECTORY`; nil when there is none.
    let directory: String?

    init(environment: [String: String]) {
        directory = environment["CREDENTIALS_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The secret of a name, without the end of line it may end in; nil when there is no such file and it need
    /// not exist.
    func secret(_ name: String, mustExist: Bool) throws(Complaint) -> Secret? {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
            throw Complaint("must be the name of a credential, without a directory")
        }
        guard let directory else {
            guard mustExist else { return nil }
            throw Complaint(
                "names the credential \(name.quoted), but CREDENTIALS_DIRECTORY is not set; "
                    + "start the service by systemd, with LoadCredential=\(name):/path/of/the/file in its unit")
        }
        let path = "\(directory)/\(name)"
        guard mustExist || SourceFile.exists(path) else { return nil }
        let file: SourceFile
        do throws(Complaint) {
            file = try SourceFile(path: path)
        } catch {
            throw Complaint(
                "names the credential \(name.quoted), which can not be read: \(error.text); "
                    + "see LoadCredential= in the unit")
        }
        var bytes = file.bytes
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        guard !bytes.isEmpty else { throw Complaint("names the credential \(name.quoted), which is empty") }
        guard !bytes.contains(0) else { throw Complaint("names the credential \(name.quoted), which holds a NUL") }
        return Secret(bytes)
    }
}
