using System.Reflection;
using System.Reflection.Emit;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Modules.Conversion;

/// <summary>Finds what the code of a module calls instead of holding a module for it: no exchange of modules reaches that.</summary>
internal static class FunctionalCalls
{
    private static readonly HashSet<string> _bending =
    [
        "relu", "relu_", "relu6", "relu6_", "leaky_relu", "leaky_relu_", "rrelu", "prelu", "elu", "elu_", "selu", "celu", "gelu", "silu", "mish", "hardtanh",
        "hardswish", "softplus", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "batch_norm", "instance_norm",
        "layer_norm", "group_norm", "linear", "bilinear",
    ];

    private static readonly Dictionary<int, OpCode> _codes = typeof(OpCodes).GetFields()
        .Select(field => field.GetValue(null)).OfType<OpCode>().ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>Names of the functions that a type's own methods call, each once.</summary>
    public static IReadOnlyList<string> In(Type type) => [.. WithNested(type)
        .SelectMany(one => one.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        .SelectMany(Calls)
        .Where(called => called.DeclaringType?.Assembly == typeof(Tensor).Assembly && _bending.Contains(called.Name))
        .Select(called => called.Name)
        .Distinct()];

    // Lambdas and iterators lie in types of their own.
    private static IEnumerable<Type> WithNested(Type type) => type.GetNestedTypes(BindingFlags.NonPublic)
        .Where(nested => nested.Name.StartsWith('<')).SelectMany(WithNested).Prepend(type);

    private static IEnumerable<MethodBase> Calls(MethodInfo method)
    {
        var body = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at < body.Length;)
        {
            var code = _codes[body[at] == 0xFE ? 0xFE00 | body[at + 1] : body[at]];
            at += code.Size;
            if (code.OperandType == OperandType.InlineMethod && Resolve(method, BitConverter.ToInt32(body, at)) is { } called)
            {
                yield return called;
            }

            at += code.OperandType == OperandType.InlineSwitch ? 4 + (4 * BitConverter.ToInt32(body, at)) : OperandSize(code.OperandType);
        }
    }

    private static MethodBase? Resolve(MethodInfo method, int token)
    {
        try
        {
            return method.Module.ResolveMethod(token, method.DeclaringType?.GetGenericArguments(), method.GetGenericArguments());
        }
        catch (Exception unresolved) when (unresolved is ArgumentException or FileNotFoundException or TypeLoadException)
        {
            return null; // of an assembly that is not here
        }
    }

    private static int OperandSize(OperandType type) => type switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };
}
