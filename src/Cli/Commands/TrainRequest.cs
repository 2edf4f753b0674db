using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>What <c>lcnn train</c> was asked for, beyond doubt.</summary>
internal sealed record TrainRequest(RunSpec Spec, bool Overwrite, RunPlace Place, bool Detach);
