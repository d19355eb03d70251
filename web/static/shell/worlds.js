/**
 * What can be asked for as the shell presents it: the three worlds, and whichever of them fits.
 * @import { World, WorldOrAny } from "../../types/messages.js"
 */

/** @type {readonly {world: World, name: string, about: string, ask: string, examples: readonly string[]}[]} */
export const WORLDS = [
  {
    world: "web",
    name: "Web",
    about: "Articles, threads and shops. A link leads to a page that does not exist until you open it.",
    ask: "An encyclopedia article about volcanoes",
    examples: ["An encyclopedia article about volcanoes", "A forum thread about mushrooms", "A shop that sells lanterns"],
  },
  {
    world: "os",
    name: "Desktop",
    about: "A screen with icons and windows. Whatever you press opens the next screen.",
    ask: "A retro desktop with notes open",
    examples: ["My desktop", "A retro desktop with notes open", "Open the music player"],
  },
  {
    world: "app",
    name: "App",
    about: "A small tool, made to your words. Use it, then say what should change.",
    ask: "A to-do app with sorting and dark mode",
    examples: ["A to-do app with sorting and dark mode", "A tally counter", "A timer for five minutes"],
  },
];

/** What a prompt may be for, the usual first. @type {readonly {world: WorldOrAny, name: string, ask: string}[]} */
export const CHOICES = [{ world: "any", name: "Anything", ask: "A snake game, a shop for lanterns, my desktop" }, ...WORLDS];
