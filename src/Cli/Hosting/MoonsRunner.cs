using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Model.Demonstrations;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Trains on two moons, on a thread of its own.</summary>
internal sealed class MoonsRunner : IMoons
{
    private static readonly PlaneGrid _fine = new(308, 217);
    private static readonly PlaneGrid _coarse = new(154, 108);

    public Task<MoonsReport> RunAsync(TwoMoonsDemonstration demonstration, CancellationToken cancellationToken)
    {
        NativeLibrary.Check();
        return Task.Factory.StartNew(
            () => new MoonsReport(demonstration, demonstration.Points(), _fine, _coarse,
                [.. new[] { NetworkStyles.Standard, NetworkStyles.LowCurvature }.Select(style => demonstration.Run(style, _fine, _coarse, cancellationToken))]),
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
