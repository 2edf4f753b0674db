using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Lcnn.Distributed.UnitTests.Schedules;

/// <summary>A fault in one method: a call that is not made, or a field that is not written.</summary>
/// <param name="Type">Name of the type.</param>
/// <param name="Method">The method's name; its lambdas and state machine are searched too.</param>
/// <param name="Missing">Name of the method that it does not call, or of the field that it does not write.</param>
internal sealed record CodeFault(string Type, string Method, string Missing)
{
    /// <summary>Puts the fault into an assembly; there must be such a place.</summary>
    public void PutInto(ModuleDefinition module)
    {
        var places =
            from type in module.GetTypes()
            where type.Name == Type || type.DeclaringType?.Name == Type
            from method in type.Methods
            where method.HasBody && (method.Name == Method || method.Name.Contains($"<{Method}>", StringComparison.Ordinal) || type.Name.StartsWith($"<{Method}>", StringComparison.Ordinal))
            from instruction in method.Body.Instructions
            where instruction.Operand is MemberReference member && member.Name == Missing
                && (member is MethodReference { ReturnType.MetadataType: MetadataType.Void or MetadataType.Boolean } || instruction.OpCode == OpCodes.Stfld)
            select (method.Body, instruction);
        var found = places.ToList();
        if (found.Count == 0)
        {
            throw new InvalidOperationException($"{this}: there is no such place");
        }

        found.ForEach(place => Leave(place.Body, place.instruction));
    }

    private static void Leave(MethodBody body, Instruction instruction)
    {
        var (popped, isPushed) = instruction.Operand is MethodReference called
            ? (called.Parameters.Count + (called.HasThis ? 1 : 0), called.ReturnType.MetadataType == MetadataType.Boolean)
            : (2, false);
        var processor = body.GetILProcessor();
        (instruction.OpCode, instruction.Operand) = (OpCodes.Nop, null);
        var last = instruction;
        for (var i = 0; i < popped; i++)
        {
            processor.InsertAfter(last, last = Instruction.Create(OpCodes.Pop));
        }

        if (isPushed)
        {
            processor.InsertAfter(last, Instruction.Create(OpCodes.Ldc_I4_0));
        }
    }
}
