/// A value of a Postgres type, and what is stored of it.
struct TypeExample {
    /// The type, as SQL names it.
    let type: String
    /// An expression of SQL for the value.
    let sql: String
    /// What a region of JSON stores, and one of dogpile.cache's behind the metadata.
    let json: String
    /// What a region of texts stores.
    let text: String
    /// What a field of a hash holds.
    let hash: String
    /// What JSON does not tell of the value; nil when the value can be made of the JSON again.
    let loses: String?

    init(_ type: String, _ sql: String, json: String, text: String, hash: String? = nil, loses: String? = nil) {
        self.type = type
        self.sql = sql
        self.json = json
        self.text = text
        self.hash = hash ?? text
        self.loses = loses
    }

    /// The types that are not there from the beginning.
    static let schema = """
        CREATE TYPE mood AS ENUM ('good', 'so so');
        CREATE TYPE pair AS (a int, b text);
        CREATE DOMAIN amount AS numeric(12,2) CHECK (VALUE >= 0);
        CREATE TABLE "Odd Name" ();
        """
}
