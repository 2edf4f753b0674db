using System.Runtime.CompilerServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>Makes the parameters of modules, outside every dispose scope.</summary>
internal static class Parameters
{
    /// <summary>A row-major copy of a tensor as a parameter.</summary>
    public static Parameter Of(Tensor values, bool learns = true)
    {
        using var detached = values.detach();
        using var ordered = detached.contiguous();
        var parameter = new Parameter(ordered.clone(), learns);
        parameter.DetachFromDisposeScope();
        return parameter;
    }

    /// <summary>The logarithm of a positive number as a parameter of shape [].</summary>
    public static Parameter LogOf(double value, Device? device, ScalarType? dtype, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        ThrowUnlessPositive(value, name);
        using var number = tensor(Math.Log(value), dtype: dtype ?? get_default_dtype(), device: device);
        return Of(number);
    }

    /// <summary>Refuses what has no logarithm.</summary>
    public static void ThrowUnlessPositive(double value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (!(value > 0 && double.IsFinite(value)))
        {
            throw new ArgumentOutOfRangeException(name, value, $"expected a positive number for {name}");
        }
    }
}
