using TorchSharp.Modules;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>What has a gamma.</summary>
internal interface ILipschitzNorm
{
    /// <summary>log gamma, shape [].</summary>
    Parameter LogLipschitz { get; }
}
