/// The shop's tables, its triggers and what is in them.
struct ShopSchema {
    static let categories = [
        "coffee", "tea", "bread", "cheese", "fruit", "spice", "wine", "books", "lamps", "bikes", "boots", "seeds",
    ]
    static let brands = ["Alto", "Borea", "Cima", "Delta", "Ember", "Fjord", "Gala", "Harbour"]

    /// How many items there are, numbered from 1.
    let items: Int

    /// All of it, to be run as one.
    var sql: String { Self.tables + fill + Self.triggers }

    private static let tables = """
        CREATE TABLE categories (slug text PRIMARY KEY, headline text NOT NULL);
        CREATE TABLE items (
            id int PRIMARY KEY, category text NOT NULL REFERENCES categories, brand text NOT NULL, name text NOT NULL,
            price numeric(8, 2) NOT NULL, stock int NOT NULL, sold int NOT NULL DEFAULT 0, revision bigint NOT NULL);
        CREATE TABLE orders (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item int NOT NULL, quantity int NOT NULL);
        -- Each version of an item has a higher revision than all before: by it the demo sees lag and order.
        CREATE SEQUENCE revisions CACHE 1;

        CREATE FUNCTION restock(wanted int[]) RETURNS void LANGUAGE sql AS $$
            INSERT INTO items (id, category, brand, name, price, stock, revision)
            SELECT n, category, brand, initcap(adjective || ' ' || category) || ' ' || n,
                   4 + (n * 7919 % 9600) / 100.0, 1000, nextval('revisions')
            FROM unnest(wanted) AS n,
                 LATERAL (SELECT \(array(categories))[1 + n % \(categories.count)] AS category,
                                 \(array(brands))[1 + n / \(categories.count) % \(brands.count)] AS brand,
                                 \(array(adjectives))[1 + n * 31 % \(adjectives.count)] AS adjective) AS words
            ON CONFLICT (id) DO NOTHING $$;

        """

    private static let adjectives = [
        "fresh", "golden", "quiet", "northern", "dark", "little", "honest", "wild", "fine",
    ]

    private var fill: String {
        """
        INSERT INTO categories
            SELECT slug, 'Welcome to our ' || slug FROM unnest(\(Self.array(Self.categories))) AS slug;
        SELECT restock(array(SELECT generate_series(1, \(items))));
        CREATE INDEX items_shelf ON items (category, brand, sold DESC, id);
        CREATE INDEX items_best ON items (sold DESC, id);
        ANALYZE items;

        """
    }

    /// Each row tells who it is; who listens decides what that means.
    private static let triggers = """
        CREATE FUNCTION item_revised() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.revision := nextval('revisions');
            RETURN NEW;
        END $$;
        CREATE TRIGGER item_revised BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION item_revised();

        CREATE FUNCTION item_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            item items := COALESCE(NEW, OLD);
        BEGIN
            PERFORM pg_notify('items_changed',
                json_build_object('id', item.id, 'category', item.category, 'brand', item.brand)::text);
            RETURN NULL;
        END $$;
        CREATE TRIGGER item_changed AFTER INSERT OR UPDATE OR DELETE ON items
            FOR EACH ROW EXECUTE FUNCTION item_changed();

        CREATE FUNCTION orders_placed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE items SET sold = sold + o.quantity,
                stock = stock - o.quantity + CASE WHEN stock < o.quantity THEN 1000 ELSE 0 END
            FROM (SELECT item, sum(quantity) AS quantity FROM placed GROUP BY item) AS o WHERE items.id = o.item;
            PERFORM pg_notify('orders_placed',
                (SELECT json_build_object('orders', count(*), 'last', max(id)) FROM placed)::text);
            RETURN NULL;
        END $$;
        CREATE TRIGGER orders_placed AFTER INSERT ON orders REFERENCING NEW TABLE AS placed
            FOR EACH STATEMENT EXECUTE FUNCTION orders_placed();

        CREATE FUNCTION catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('catalogue_changed', json_build_object('slug', NEW.slug)::text);
            RETURN NULL;
        END $$;
        CREATE TRIGGER catalogue_changed AFTER UPDATE ON categories FOR EACH ROW EXECUTE FUNCTION catalogue_changed();

        """

    private static func array(_ words: [String]) -> String {
        "(array[" + words.map { "'\($0)'" }.joined(separator: ", ") + "])"
    }
}
