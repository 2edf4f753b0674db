
namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>Ends a silo that the others have declared dead by a sentence, where Orleans would crash the process.</summary>
internal sealed class EvictionHandler(SiloFault fault) : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => false;

    public void OnFatalException(object? sender, string? context, Exception? exception) => fault.Report(
        $"this silo was declared dead by the others, because it hung or the network to it was cut; start it again ({context ?? exception?.Message})");
}
