/* TrinoPeer.java: a real Trino coordinator on loopback, with the tpch and memory catalogs; it also takes
 * the older X-Presto- headers. */
import static io.trino.testing.TestingSession.testSessionBuilder;

import io.trino.plugin.memory.MemoryPlugin;
import io.trino.plugin.tpch.TpchPlugin;
import io.trino.testing.DistributedQueryRunner;
import java.util.Map;

public final class TrinoPeer
{
    private TrinoPeer() {}

    public static void main(String[] args)
            throws Exception
    {
        DistributedQueryRunner runner = DistributedQueryRunner
                .builder(testSessionBuilder().setCatalog("tpch").setSchema("tiny").build())
                .setNodeCount(1)
                .addCoordinatorProperty("http-server.http.port", args[0])
                .addCoordinatorProperty("protocol.v1.alternate-header-name", "Presto")
                .build();
        runner.installPlugin(new TpchPlugin());
        runner.createCatalog("tpch", "tpch", Map.of("tpch.splits-per-node", "4"));
        runner.installPlugin(new MemoryPlugin());
        runner.createCatalog("memory", "memory", Map.of());
        System.out.println("ready " + runner.getCoordinator().getBaseUrl());
        Thread.currentThread().join();
    }
}
