using System.Collections;
using System.Reflection;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Modules.Conversion;

/// <summary>Where a module keeps one of its children: fields and lists, which its forward pass reads, and the registered name.</summary>
internal sealed class ModuleHolder(nn.Module parent)
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Puts one module in the place of another, or says why that cannot be.</summary>
    /// <returns>Null where it is done.</returns>
    public string? Exchange(nn.Module old, nn.Module replacement)
    {
        if (parent.named_children().All(child => child.module != old))
        {
            return null; // exchanged with another name that it has here
        }

        var fields = Fields().Where(field => field.GetValue(parent) == old).ToList();
        var lists = Fields().Select(field => field.GetValue(parent)).OfType<IList>().Where(list => Places(list, old).Any()).ToList();
        if (fields.FirstOrDefault(field => !field.FieldType.IsInstanceOfType(replacement)) is { } narrow)
        {
            return $"{Name(narrow)} of {parent.GetType().Name} is declared as {narrow.FieldType.Name}: declare it as Module<Tensor, Tensor>";
        }

        if (lists.FirstOrDefault(list => !Takes(list, replacement)) is { } typed)
        {
            return $"a {typed.GetType().Name} of {parent.GetType().Name} takes no other type: let it hold Module<Tensor, Tensor>";
        }

        if (fields.Count == 0 && lists.Count == 0)
        {
            return $"no field or list of {parent.GetType().Name} holds it: keep it in a field";
        }

        fields.ForEach(field => field.SetValue(parent, replacement));
        foreach (var list in lists)
        {
            Places(list, old).ToList().ForEach(place => list[place] = replacement);
        }

        Register(old, replacement);
        return null;
    }

    private IEnumerable<FieldInfo> Fields()
    {
        for (var type = parent.GetType(); type is not null && type != typeof(nn.Module); type = type.BaseType)
        {
            foreach (var field in type.GetFields(Own))
            {
                yield return field;
            }
        }
    }

    private static IEnumerable<int> Places(IList list, nn.Module module) => Enumerable.Range(0, list.Count).Where(place => list[place] == module);

    private static bool Takes(IList list, nn.Module module) => !list.IsReadOnly && list.GetType() switch
    {
        { IsArray: true } type => type.GetElementType()!.IsInstanceOfType(module),
        { IsGenericType: true } type => type.GetGenericArguments()[0].IsInstanceOfType(module),
        _ => true,
    };

    // A sequence takes its children's names from its list.
    private void Register(nn.Module old, nn.Module replacement)
    {
        if (parent is Sequential)
        {
            return;
        }

        var children = parent.named_children().ToArray();
        // All of them, so that the state dict keeps its order.
        foreach (var (name, _) in children)
        {
            parent.register_module(name, null!);
        }

        foreach (var (name, module) in children)
        {
            parent.register_module(name, module == old ? replacement : module);
        }
    }

    private static string Name(FieldInfo field) => field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
}
