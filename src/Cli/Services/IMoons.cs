using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Demonstrations;

namespace Lcnn.Distributed.Cli.Services;

/// <summary>Work of <c>lcnn demo two-moons</c>.</summary>
internal interface IMoons
{
    /// <summary>Trains a standard network and an LCNN, in this order, and looks at them.</summary>
    Task<MoonsReport> RunAsync(TwoMoonsDemonstration demonstration, CancellationToken cancellationToken);
}

/// <summary>What came of it.</summary>
internal sealed record MoonsReport(TwoMoonsDemonstration Demonstration, FloatImages Points, PlaneGrid Fine, PlaneGrid Coarse, IReadOnlyList<MoonsFigures> Networks);
