using Microsoft.Extensions.Hosting;

namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>Why a silo has to stop although nobody asked it to.</summary>
public sealed class SiloFault(IHostApplicationLifetime lifetime)
{
    private string? _message;

    /// <summary>One sentence for the user; null while all is well.</summary>
    public string? Message => Volatile.Read(ref _message);

    /// <summary>Asks the host to stop; the first reason stays.</summary>
    public void Report(string message)
    {
        if (Interlocked.CompareExchange(ref _message, message, null) is null)
        {
            lifetime.StopApplication();
        }
    }
}
