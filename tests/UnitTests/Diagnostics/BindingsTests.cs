using System.Reflection;
using System.Reflection.Emit;
using Lcnn.Distributed.Model.Benchmarks;

namespace Lcnn.Distributed.UnitTests.Diagnostics;

/// <summary>A C++ exception that a binding lets pass ends the process, and every run in it: what the model calls was checked for it.</summary>
/// <remarks>
/// bindings-without-catch.txt lists the functions of TorchSharp 0.107.0's native library whose exception table catches no c10::Error, which
/// is what libtorch throws (out of memory on processor and GPU included). The others catch it and std::runtime_error; what is neither, as
/// std::bad_alloc for libtorch's own few bytes, no binding catches. Benchmarks are left out: they run alone in their process.
/// </remarks>
public sealed class BindingsTests
{
    private const string TorchAssembly = "TorchSharp";

    // These hand out or take a field, and do nothing that could fail.
    private static readonly string[] _harmless =
    [
        "THSAutograd_isGradEnabled",
        "THSAutograd_setGrad",
        "THSTensor_device_index",
        "THSTensor_device_type",
        "THSTensor_dispose",
        "THSTorchCuda_device_count",
        "THSTorchCuda_is_available",
        "THSTorch_float64_to_scalar",
        "THSTorch_get_and_reset_last_err",
        "THSTorch_int32_to_scalar",
        "THSTorch_scalar_to_bool",
        "THSTorch_scalar_to_float64",
        "THSTorch_scalar_to_int64",
        "THSTorch_set_num_threads",
    ];

    // Of a module written in C# the native half is a flag and no tensor: these have nothing to move, to name or to fail at.
    private static readonly string[] _shells =
    [
        "THSNN_Module_dispose",
        "THSNN_Module_get_named_buffers",
        "THSNN_Module_get_named_parameters",
        "THSNN_Module_is_training",
        "THSNN_Module_to_device",
        "THSNN_Module_to_device_dtype",
        "THSNN_Module_to_dtype",
        "THSNN_Module_train",
    ];

    // Behind branches that the model does not take: relu in place, and the text of a tensor with named dimensions.
    private static readonly string[] _unreached = ["THSTensor_alias", "THSTensor_names"];

    [Fact]
    public void Bindings_ThatTheModelCalls_CatchWhatLibtorchThrowsOrCannotFail()
    {
        var withoutCatch = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Diagnostics", "bindings-without-catch.txt")).ToHashSet();

        var called = CalledBy(typeof(Model.Training.LocalTrainer).Assembly);

        Assert.Contains("THSAutograd_backward", called);
        Assert.Equal(_harmless.Concat(_shells).Concat(_unreached).Order(StringComparer.Ordinal), called.Where(withoutCatch.Contains).Order(StringComparer.Ordinal));
    }

    private static HashSet<string> CalledBy(Assembly assembly)
    {
        var bindings = new HashSet<string>();
        var seen = new HashSet<MethodBase>();
        var left = new Stack<MethodBase>(MethodsOf(assembly));
        while (left.TryPop(out var method))
        {
            if (method.Attributes.HasFlag(MethodAttributes.PinvokeImpl))
            {
                bindings.Add(method.Name);
                continue;
            }

            foreach (var callee in Callees(method).Where(callee => IsTorch(callee) && seen.Add(callee)))
            {
                left.Push(callee);
            }
        }

        return bindings;
    }

    private static IEnumerable<MethodBase> MethodsOf(Assembly assembly)
    {
        const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        return assembly.GetTypes().Where(type => type.Namespace?.StartsWith(typeof(StepBenchmark).Namespace!, StringComparison.Ordinal) != true).SelectMany(type => type.GetMethods(Own).Cast<MethodBase>().Concat(type.GetConstructors(Own)));
    }

    private static bool IsTorch(MethodBase method) => method.Module.Assembly.GetName().Name == TorchAssembly;

    private static IEnumerable<MethodBase> Callees(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at < code.Length;)
        {
            var opCode = code[at] == 0xFE ? _opCodes[0xFE00 | code[at + 1]] : _opCodes[code[at]];
            at += opCode.Size;
            if (opCode.OperandType is OperandType.InlineMethod && Resolve(method, BitConverter.ToInt32(code, at)) is { } callee)
            {
                yield return callee;
            }

            at += opCode.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static MethodBase? Resolve(MethodBase caller, int token)
    {
        try
        {
            return caller.Module.ResolveMethod(
                token, caller.DeclaringType?.GetGenericArguments(), caller.IsGenericMethod ? caller.GetGenericArguments() : null);
        }
        catch (Exception exception) when (exception is FileNotFoundException or TypeLoadException or BadImageFormatException or ArgumentException)
        {
            return null; // of an assembly that is not here
        }
    }

    private static readonly Dictionary<int, OpCode> _opCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(opCode => (int)(ushort)opCode.Value);
}
