import RefreshCore
import Testing

@Suite struct JoinProofTests {
    @Test(arguments: [
        ("Hash Left Join  (cost=1.00..2.00 rows=1 width=36)", true, true),
        ("Nested Loop Left Join  (cost=1.00..2.00 rows=1 width=36)", true, true),
        ("Hash Left Join  (cost=1.00..2.00 rows=1 width=36)", false, false),
        ("Hash Right Join  (cost=1.00..2.00 rows=1 width=36)", true, false),
        ("Merge Full Join  (cost=1.00..2.00 rows=1 width=36)", true, false),
        ("Seq Scan on public.items  (cost=1.00..2.00 rows=1 width=36)", true, false),
    ]) func aJoinIsProvenByAUniqueInnerSide(node: String, isUnique: Bool, isProven: Bool) {
        let plan = [
            node, "  Output: a, b", isUnique ? "  Inner Unique: true" : "  Hash Cond: (a.id = b.id)",
            "  ->  Seq Scan on public.a  (cost=0.00..1.00 rows=1 width=4)",
        ]
        #expect(JoinProof.isProven(by: plan) == isProven)
    }

    @Test func everyJoinOfAPlanMustBeProven() {
        let plan = [
            "Hash Left Join  (cost=1.00..2.00 rows=1 width=36)", "  Inner Unique: true",
            "  ->  Nested Loop  (cost=1.00..2.00 rows=1 width=36)",
            "        ->  Seq Scan on public.a  (cost=0.00..1.00 rows=1 width=4)",
        ]
        #expect(!JoinProof.isProven(by: plan))
    }
}
