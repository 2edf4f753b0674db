using System.Reflection;
using System.Runtime.Loader;
using Lcnn.Distributed.Grains;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.UnitTests.Schedules.StandIns;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;
using Orleans.Serialization.Configuration;

namespace Lcnn.Distributed.UnitTests.Schedules;

/// <summary>The grains' assembly once more, with stand-ins for everything that makes threads, locks, waits, timers and sockets.</summary>
/// <remarks>
/// This assembly is loaded once more with it, so that scenarios are written against the grains' types as any other test; only
/// <see cref="ScheduleRunner.Run"/> is called from outside, with types that both have in common.
/// Microsoft.Coyote 1.7.11 would do the like, but "coyote rewrite" ends on Lcnn.Distributed.Grains.dll with "Value cannot be null. (Parameter 'target')",
/// and in a small net10.0 assembly that it does rewrite it leaves every <see cref="Lock"/> as it is.
/// </remarks>
internal sealed class ControlledCode : AssemblyLoadContext
{
    private static readonly string[] _folders = ["Collectives", "Placement", "Storage"];

    // Of these, fields outside of locks are points of a schedule too.
    private static readonly string[] _watched =
    [
        "Mailbox", "ReceiveBudget", "Outbox", "OutgoingParcel", "Inbound", "PeerLink", "RunTransport", "TransportHub", "StreamConnection", "StreamListener",
        "RelaySender", "RelayReceiver", "CallWindow", "SlotLedger", "SlotEntry", "SlotLease",
    ];

    private readonly IReadOnlyList<CodeFault> _faults;
    private readonly Assembly _grains;
    private readonly Assembly _tests;

    /// <param name="faults">Faults to put into the code, of which one at a time can be switched on.</param>
    public ControlledCode(params IReadOnlyList<CodeFault> faults)
        : base("schedules")
    {
        _faults = faults;
        _grains = Rewrite();
        _tests = LoadFromAssemblyPath(typeof(ControlledCode).Assembly.Location);
    }

    /// <inheritdoc cref="ScheduleRunner.Run"/>
    public string Run(string scenario, long firstSeed, int count, CodeFault? fault = null) => _tests.GetType(typeof(ScheduleRunner).FullName!)!
        .GetMethod(nameof(ScheduleRunner.Run))!
        .CreateDelegate<Func<string, long, int, int, string>>()(scenario, firstSeed, count, fault is null ? FaultSwitch.None : _faults.Index().Single(entry => entry.Item == fault).Index);

    protected override Assembly? Load(AssemblyName assemblyName) =>
        assemblyName.Name == _grains.GetName().Name ? _grains
        : assemblyName.Name == typeof(ControlledCode).Assembly.GetName().Name ? _tests
        : null;

    private Assembly Rewrite()
    {
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(Mailbox).Assembly.Location);
        var module = assembly.MainModule;
        foreach (var (number, fault) in _faults.Index())
        {
            fault.PutInto(module, number);
        }

        var standIns = module.ImportReference(typeof(CallStandIns));
        var field = module.ImportReference(typeof(CallStandIns).GetMethod(nameof(CallStandIns.Field)));
        foreach (var method in module.Types.Where(IsRun).SelectMany(WithNested).SelectMany(type => type.Methods).Where(method => method.HasBody))
        {
            method.Body.SimplifyMacros();
            foreach (var instruction in method.Body.Instructions.ToList())
            {
                if (instruction.Operand is MethodReference called && StandInFor(called) is { } standIn)
                {
                    (instruction.OpCode, instruction.Operand) = (OpCodes.Call, Imported(module, standIn, called));
                }
                else if (IsWatched(instruction, method))
                {
                    PutBefore(method.Body, instruction, field);
                }
            }

            method.Body.OptimizeMacros();
        }

        Replace(module, typeof(Monitor), typeof(MonitorStandIn), standIns.Scope);
        Replace(module, typeof(Lock), typeof(LockStandIn), standIns.Scope);
        Replace(module, typeof(Volatile), typeof(VolatileStandIn), standIns.Scope);
        Replace(module, typeof(CancellationTokenRegistration), typeof(RegistrationStandIn), standIns.Scope);
        Replace(module, typeof(System.Net.Sockets.Socket), typeof(SocketStandIn), standIns.Scope);
        // Orleans' serializer looks through all assemblies that are loaded, and would find every type of this one twice.
        assembly.CustomAttributes.Remove(assembly.CustomAttributes.Single(attribute => attribute.AttributeType.FullName == typeof(TypeManifestProviderAttribute).FullName));
        using var rewritten = new MemoryStream();
        assembly.Write(rewritten);
        rewritten.Position = 0;
        return LoadFromStream(rewritten);
    }

    private static bool IsRun(TypeDefinition type) =>
        type.Name == nameof(Backoff) || _folders.Any(folder => type.Namespace.StartsWith($"{typeof(Backoff).Namespace}.{folder}", StringComparison.Ordinal));

    private static IEnumerable<TypeDefinition> WithNested(TypeDefinition type) => type.NestedTypes.SelectMany(WithNested).Prepend(type);

    private static MethodInfo? StandInFor(MethodReference called)
    {
        var type = called.DeclaringType.FullName;
        var isReplaced = (type, called.Name, called.Parameters.Count) switch
        {
            ("System.Threading.Tasks.TaskScheduler", "get_Default", 0) => true,
            ("System.Threading.Tasks.Task", "Run", 1) => called.Parameters[0].ParameterType.FullName == "System.Func`1<System.Threading.Tasks.Task>" && called is not GenericInstanceMethod,
            ("System.Threading.Tasks.Task", "Wait", 1) => called.Parameters[0].ParameterType.FullName == "System.Threading.CancellationToken",
            ("System.Threading.Tasks.Task", "WaitAsync", 1) => called.Parameters[0].ParameterType.FullName == "System.Threading.CancellationToken",
            ("System.Threading.Tasks.Task", "WhenAll", 1) => called is not GenericInstanceMethod && called.Parameters[0].ParameterType.Name == "IEnumerable`1",
            ("System.Threading.Tasks.Task", "ConfigureAwait", 1) => called.Parameters[0].ParameterType.Name == nameof(ConfigureAwaitOptions),
            ("System.Threading.CancellationTokenSource", "CancelAsync", 0) => true,
            ("System.Threading.CancellationToken", "UnsafeRegister", 2) => called.Parameters[0].ParameterType.FullName.StartsWith("System.Action`1", StringComparison.Ordinal),
            ("System.Random", "get_Shared", 0) => true,
            ("System.Guid", "NewGuid", 0) => true,
            ("System.GC", "AllocateUninitializedArray", 2) => true,
            _ => false,
        };
        return isReplaced ? typeof(CallStandIns).GetMethod(called.Name) : null;
    }

    private static MethodReference Imported(ModuleDefinition module, MethodInfo standIn, MethodReference called)
    {
        var imported = module.ImportReference(standIn);
        if (called is not GenericInstanceMethod generic)
        {
            return imported;
        }

        var instance = new GenericInstanceMethod(imported);
        foreach (var argument in generic.GenericArguments)
        {
            instance.GenericArguments.Add(argument);
        }

        return instance;
    }

    private static bool IsWatched(Instruction instruction, MethodDefinition method) =>
        instruction.Operand is FieldReference reference
        && _watched.Contains(reference.DeclaringType.Name)
        && reference.Resolve() is { IsInitOnly: false, IsStatic: false }
        && !method.IsConstructor;

    // In its place, so that whoever jumps to the instruction comes by.
    private static void PutBefore(Mono.Cecil.Cil.MethodBody body, Instruction instruction, MethodReference call)
    {
        var first = instruction.Previous?.OpCode == OpCodes.Volatile ? instruction.Previous : instruction;
        var copy = Instruction.Create(OpCodes.Nop);
        (copy.OpCode, copy.Operand) = (first.OpCode, first.Operand);
        body.GetILProcessor().InsertAfter(first, copy);
        (first.OpCode, first.Operand) = (OpCodes.Call, call);
    }

    private static void Replace(ModuleDefinition module, Type type, Type standIn, IMetadataScope scope)
    {
        foreach (var reference in module.GetTypeReferences().Where(reference => reference.FullName == type.FullName))
        {
            (reference.Namespace, reference.Name, reference.Scope) = (standIn.Namespace, standIn.Name, scope);
        }
    }
}
