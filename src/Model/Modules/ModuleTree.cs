using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>Walks over module trees.</summary>
internal static class ModuleTree
{
    /// <summary>A module and all below it, each once, those above before those below.</summary>
    public static IReadOnlyList<nn.Module> Of(nn.Module root) => [.. root.modules().Prepend(root).Distinct(ReferenceEqualityComparer.Instance).Cast<nn.Module>()];

    /// <summary>Sets a module to evaluation until the result is disposed, which puts every module back to the mode it had.</summary>
    public static IDisposable Evaluating(nn.Module root) => new Evaluation(root);

    private sealed class Evaluation : IDisposable
    {
        private readonly (nn.Module Module, bool Trained)[] _modes;

        public Evaluation(nn.Module root)
        {
            _modes = [.. Of(root).Select(module => (module, module.training))];
            root.eval();
        }

        public void Dispose()
        {
            // Setting one sets all below it: those below come later.
            foreach (var (module, trained) in _modes)
            {
                module.train(trained);
            }
        }
    }
}
