using Lcnn.Distributed.Grains.Programs;
using Microsoft.Extensions.Hosting;

namespace Lcnn.Distributed.Silo;

/// <summary>Has what the program adds checked when the host starts, and not when the first run asks for it.</summary>
internal sealed class ProgramCheck(SiloProgram program) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.FromResult(program);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
