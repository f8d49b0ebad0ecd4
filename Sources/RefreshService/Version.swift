/// The version of the program.
public enum Version {
    /// By semantic versioning; CHANGELOG.md says what it brought.
    public static let text = "0.1.0"
}
