using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Silo;
using Lcnn.Distributed.Silo.Clustering;
using Lcnn.Distributed.Silo.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Silo;

public sealed class DrainServiceTests : ISiloDrain
{
    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly FakeTimeProvider _clock = new();
    private Func<CancellationToken, Task> _drain = _ => Task.CompletedTask;
    private int _drains;

    Task ISiloDrain.DrainAsync(CancellationToken cancellationToken)
    {
        _drains++;
        return _drain(cancellationToken);
    }

    [Fact]
    public async Task Stopping_WithWork_AwaitsTheDrain()
    {
        var handedOver = new TaskCompletionSource();
        _drain = _ => handedOver.Task;

        var stopping = Service(new SiloFault(_lifetime)).StoppingAsync(CancellationToken.None);

        Assert.False(stopping.IsCompleted);
        handedOver.SetResult();
        await stopping;
    }

    [Fact]
    public async Task Stopping_DrainIgnoresItsToken_LeavesWhenTheTimeIsOver()
    {
        _drain = _ => Task.Delay(Timeout.Infinite, CancellationToken.None);

        var stopping = Service(new SiloFault(_lifetime)).StoppingAsync(CancellationToken.None);
        _clock.Advance(TimeSpan.FromSeconds(9));

        await stopping;
    }

    [Fact]
    public async Task Stopping_DrainFails_LeavesAllTheSame()
    {
        _drain = _ => throw new InvalidOperationException("no");

        await Service(new SiloFault(_lifetime)).StoppingAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Stopping_AfterAFault_DrainsNothing()
    {
        var fault = new SiloFault(_lifetime);
        fault.Report("emptied");

        await Service(fault).StoppingAsync(CancellationToken.None);

        Assert.Equal(0, _drains);
    }

    private DrainService Service(SiloFault fault) =>
        new(this, fault, Options.Create(new SiloOptions()), _clock, NullLogger<DrainService>.Instance);
}
