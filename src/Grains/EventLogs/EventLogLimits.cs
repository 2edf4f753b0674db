namespace Lcnn.Distributed.Grains.EventLogs;

/// <summary>Bounds of a log as it is written; tests choose small ones.</summary>
/// <param name="Waiting">Events that may wait for the store; beyond, those that can be spared are left out and one notice says so.</param>
/// <param name="Window">Newest stored events kept in memory; older ones are read from the store.</param>
/// <param name="Batch">Most events of one write.</param>
/// <param name="Page">Most events a watcher holds at once.</param>
internal sealed record EventLogLimits(int Waiting = 100_000, int Window = 4_096, int Batch = 512, int Page = 256);
