using Lcnn.Distributed.Model.Networks;
using Mono.Cecil;
using TorchSharp;

namespace Lcnn.Distributed.UnitTests.Numerics;

/// <summary>What TorchSharp does with a number whose Scalar nobody keeps: its finalizer may free it while libtorch reads it.</summary>
public sealed class TemporaryScalarTests
{
    private static readonly string[] _keepers = ["Lcnn.Distributed.Model.Numerics.ScalarMath", "Lcnn.Distributed.Model.Numerics.HostRead"];

    [Fact]
    public void Product_EveryCallOfTorchSharp_PassesNoScalarThatMayBeCollected()
    {
        using var torchSharp = AssemblyDefinition.ReadAssembly(typeof(Scalar).Assembly.Location);
        using var product = AssemblyDefinition.ReadAssembly(typeof(Network).Assembly.Location);
        var unsafeOnes = CallersOf(MethodsOf(torchSharp).ToArray());
        Assert.Contains(unsafeOnes, name => name.EndsWith("Tensor::op_Addition(TorchSharp.torch/Tensor,TorchSharp.torch/Tensor)", StringComparison.Ordinal));

        var found =
            from method in MethodsOf(product)
            where !_keepers.Contains(method.DeclaringType.FullName)
            from called in CalledBy(method)
            where MakesScalar(called) || unsafeOnes.Contains(called.FullName)
            select $"{method.FullName} calls {called.FullName}";

        Assert.Empty(found);
    }

    // Those that make a Scalar themselves or call one that does.
    private static HashSet<string> CallersOf(MethodDefinition[] methods)
    {
        var callers = methods.Where(method => CalledBy(method).Any(MakesScalar) && !MakesScalar(method)).Select(method => method.FullName).ToHashSet();
        while (methods.Where(method => !callers.Contains(method.FullName) && CalledBy(method).Any(called => callers.Contains(called.FullName))).ToArray() is { Length: > 0 } more)
        {
            callers.UnionWith(more.Select(method => method.FullName));
        }

        return callers;
    }

    private static bool MakesScalar(MethodReference method) => method.ReturnType.FullName == typeof(Scalar).FullName;

    private static IEnumerable<MethodReference> CalledBy(MethodDefinition method) => method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>();

    private static IEnumerable<MethodDefinition> MethodsOf(AssemblyDefinition assembly) =>
        assembly.MainModule.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody);
}
