using Lcnn.Distributed.UnitTests.Schedules.StandIns;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Lcnn.Distributed.UnitTests.Schedules;

/// <summary>A fault that can be switched on in one method: a call that is not made, or a field that is not written.</summary>
/// <param name="Type">Name of the type.</param>
/// <param name="Method">The method's name; its lambdas and state machine are searched too.</param>
/// <param name="Missing">Name of the method that it does not call, or of the field that it does not write.</param>
internal sealed record CodeFault(string Type, string Method, string Missing)
{
    /// <summary>Puts the fault into an assembly, at every such place; there must be one.</summary>
    public void PutInto(ModuleDefinition module, int number)
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

        var isOn = module.ImportReference(typeof(FaultSwitch).GetMethod(nameof(FaultSwitch.IsOn)));
        found.ForEach(place => PutInto(place.Body, place.instruction, number, isOn));
    }

    // Begins where the instruction was, so that whoever jumps to it comes by.
    private static void PutInto(MethodBody body, Instruction place, int number, MethodReference isOn)
    {
        var (popped, isPushed) = place.Operand is MethodReference called
            ? (called.Parameters.Count + (called.HasThis ? 1 : 0), called.ReturnType.MetadataType == MetadataType.Boolean)
            : (2, false);
        var (original, after) = (Instruction.Create(OpCodes.Nop), Instruction.Create(OpCodes.Nop));
        (original.OpCode, original.Operand) = (place.OpCode, place.Operand);
        (place.OpCode, place.Operand) = (OpCodes.Ldc_I4, number);
        Instruction[] rest =
        [
            Instruction.Create(OpCodes.Call, isOn), Instruction.Create(OpCodes.Brfalse, original),
            .. Enumerable.Range(0, popped).Select(_ => Instruction.Create(OpCodes.Pop)), .. isPushed ? [Instruction.Create(OpCodes.Ldc_I4_0)] : Array.Empty<Instruction>(),
            Instruction.Create(OpCodes.Br, after), original, after,
        ];
        var last = place;
        foreach (var instruction in rest)
        {
            body.GetILProcessor().InsertAfter(last, instruction);
            last = instruction;
        }
    }
}
